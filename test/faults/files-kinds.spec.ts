import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import type { PluginSummary } from '@toru/contracts';
import { writeFixture } from '../fixtures/write-fixture';
import { startHost, type TestHost } from '../support/host';
import { journalOf } from '../support/journal-of';
import { isAlive, processesBelow } from '../support/own-processes';
import { servesDuring } from '../support/serves-during';
import { eventsOf } from '../support/supervisor-log';

/** An ELF header of a 64-bit program for a machine that this one is not (EM_S390). */
const FOREIGN_PROGRAM = Buffer.concat([
  Buffer.from('7f454c46020201000000000000000000', 'hex'),
  Buffer.from('0002001600000001', 'hex'),
  Buffer.alloc(40),
]);

type Make = (file: string, host: TestHost) => void;

/** What may lie in the plugins directory, and what its reason must say. */
const KINDS: readonly (readonly [string, RegExp, Make])[] = [
  ['fifo', /FIFO|pipe/i, (file) => execFileSync('mkfifo', [file])],
  ['directory', /directory/, (file) => mkdirSync(file)],
  ['link-out', /leaves the plugins directory/, (file) => symlinkSync('/bin/true', file)],
  ['link-circle', /circle/, (file) => symlinkSync(file, file)],
  ['link-broken', /broken/, (file) => symlinkSync('nothing-there', file)],
  ['link-device', /leaves the plugins directory/, (file) => symlinkSync('/dev/zero', file)],
  ['not-executable', /chmod \+x/, (file) => writeFileSync(file, '#!/bin/sh\n', { mode: 0o644 })],
  ['empty', /empty/, (file) => writeFileSync(file, '', { mode: 0o755 })],
  ['foreign', /wrong architecture/, (file) => writeFileSync(file, FOREIGN_PROGRAM, { mode: 0o755 })],
  ['no-interpreter', /interpreter/, (file) => writeFileSync(file, '#!/no/such/thing\n', { mode: 0o755 })],
  ['no-program', /no program|no #! line/, (file) => writeFileSync(file, 'just text\n', { mode: 0o755 })],
  [
    'world-writable',
    /chmod o-w/,
    (file, { directories }) => {
      writeFixture(directories.plugins, { id: 'world-writable', journal: true });
      chmodSync(file, 0o757);
    },
  ],
];

/** Ids and routes that nobody may have, each in the metadata of an otherwise good file (faults 5). */
const BAD_METADATA: readonly (readonly [string, Readonly<Record<string, unknown>>])[] = [
  ['id-empty', { id: '' }],
  ['id-prototype', { id: '__proto__' }],
  ['id-constructor', { id: 'constructor' }],
  ['id-reserved', { id: 'route' }],
  ['id-too-long', { id: 'a'.repeat(65) }],
  ['id-encoded', { id: 'a%2fb' }],
  ['id-dots', { id: '../../etc' }],
  ['id-number', { id: 7 }],
  ['route-empty', { route: '/' }],
  ['route-deep', { route: '/a/b' }],
  ['route-encoded', { route: '/a%2e' }],
  ['route-relative', { route: 'a' }],
  ['route-reserved', { route: '/rescan' }],
  ['name-missing', { name: undefined }],
];

describe('what lies in the plugins directory and is no plugin', () => {
  let host: TestHost;
  let server: net.Server;

  beforeAll(async () => {
    host = await startHost({ plugins: { neighbour: {}, holder: { behaviour: 'metadata-grandchild', journal: true } } });
    await host.untilPlugin('neighbour', 'running');
    await servesDuring(host, 'neighbour', async () => {
      const place = (name: string): string => path.join(host.directories.plugins, `${name}.binary`);
      for (const [name, , make] of KINDS) make(place(name), host);
      server = net.createServer();
      await new Promise<void>((resolve) => server.listen(place('socket'), resolve));
      for (const [name, metadata] of BAD_METADATA) writeMetadata(place(name), name, metadata);
      await host.json('/api/plugins/rescan', { method: 'POST' });
    });
  });
  afterAll(async () => {
    await new Promise((resolve) => server.close(resolve));
    await host.dispose();
  });

  /** A shell, which starts faster than Node and need not do more. */
  function writeMetadata(file: string, id: string, metadata: Readonly<Record<string, unknown>>): void {
    const all = { id, name: id, version: '1', icon: 'x', route: `/${id}`, ...metadata };
    writeFileSync(file, `#!/bin/sh\ncat <<'END'\n${JSON.stringify(all)}\nEND\n`, { mode: 0o755 });
  }

  async function entryOf(name: string): Promise<PluginSummary> {
    const { items } = await host.json<{ items: PluginSummary[] }>('/api/plugins');
    const [entry, ...more] = items.filter(({ file }) => file === `${name}.binary`);
    expect(more).toEqual([]);
    if (entry === undefined) throw new Error(`${name} is not in the list.`);
    return entry;
  }

  it.each(KINDS)('faults 1, 3: [ISO-4] [ISO-5] %s is refused with its reason', async (name, reason) => {
    const entry = await entryOf(name);

    expect(entry).toMatchObject({ status: 'invalid', enabled: false, reason: expect.stringMatching(reason) });
    expect((await host.api(`/api/plugins/${entry.id}/enable`, { method: 'POST' })).status).toBe(409);
    expect((await eventsOf(host, entry.id)).map((event) => event.event_type)).toEqual(['invalid']);
  });

  it('faults 1: a socket is refused with its reason', async () => {
    expect(await entryOf('socket')).toMatchObject({ status: 'invalid', reason: expect.stringContaining('socket') });
  });

  it('[ISO-5] a file that everybody may write was never run', () => {
    expect(journalOf(host, 'world-writable')).toEqual([]);
  });

  it.each(BAD_METADATA)('faults 5: [ISO-4] [META-1] %s is refused with its reason', async (name) => {
    const entry = await entryOf(name);

    expect(entry).toMatchObject({ status: 'invalid', enabled: false });
    expect(entry.reason).toBeTruthy();
    expect(entry.id).toMatch(/^[a-z0-9][a-z0-9-]{0,63}$/);
  });

  it('faults 4: what a metadata call leaves behind is ended with it', async () => {
    expect(await host.untilPlugin('holder', 'running')).toMatchObject({ reason: null });
    const [pid] = journalOf(host, 'holder').flatMap((line) => /^grandchild (\d+)$/.exec(line)?.[1] ?? []);

    expect(Number(pid)).toBeGreaterThan(1);
    await host.waitFor('its end', () => !isAlive(Number(pid)));
  });

  it('faults 3: the host is the same process, with only its own plugins', async () => {
    for (const [name] of KINDS) rmSync(path.join(host.directories.plugins, `${name}.binary`), { recursive: true });
    await host.json('/api/plugins/rescan', { method: 'POST' });
    await host.stop();

    expect(host.livingPlugins()).toEqual([]);
    expect(processesBelow(host.directories.root)).toEqual([]);
  });
});
