import { chmodSync, existsSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { PluginSummary } from '@toru/contracts';
import { writeFixture } from '../fixtures/write-fixture';
import { installPlugin, startHost, type TestHost } from '../support/host';
import { journalOf, startsOf } from '../support/journal-of';
import { servesDuring } from '../support/serves-during';
import { eventsOf } from '../support/supervisor-log';

interface Rescan {
  readonly added: readonly string[];
  readonly changed: readonly string[];
  readonly removed: readonly string[];
}

const NOTHING: Rescan = { added: [], changed: [], removed: [] };

describe('the plugins directory of a host', () => {
  let host: TestHost;

  beforeAll(async () => {
    host = await startHost({
      env: { TORU_SHUTDOWN_GRACE_MS: '300', TORU_KILL_DELAY_MS: '300' },
      prepare: ({ plugins }) => {
        rmSync(plugins, { recursive: true });
      },
    });
  });
  afterAll(() => host.dispose());

  const rescan = (): Promise<Rescan> => host.json<Rescan>('/api/plugins/rescan', { method: 'POST' });
  const metadataRuns = (id: string): number => journalOf(host, id).filter((line) => line === 'metadata').length;
  const all = async (): Promise<readonly PluginSummary[]> =>
    (await host.json<{ items: PluginSummary[] }>('/api/plugins')).items;

  it('[ISO-3] that is not there is created, and the host runs without plugins', async () => {
    await host.waitFor('the host to be ready', async () => (await host.api('/health/ready')).status === 200);
    expect(await all()).toEqual([]);
    expect(existsSync(host.directories.plugins)).toBe(true);
    for (const id of ['kept', 'replaced']) installPlugin(host, { id, journal: true });
    await rescan();
    for (const id of ['kept', 'replaced']) expect(await host.enable(id)).toMatchObject({ outcome: 'enabled' });
    expect(
      readdirSync(host.directories.plugins)
        .filter((name) => !name.endsWith('.journal'))
        .sort(),
    ).toEqual([...['.metadata', 'kept.binary', 'replaced.binary']]);
  });

  it('[META-1] [API-1] shows what the file says of itself', async () => {
    const metadata = {
      version: '3.1.4',
      author: 'A. Author',
      description: 'What it does',
      homepage: 'https://a.test/',
    };
    installPlugin(host, { id: 'rich', name: 'Rich & plain', metadata: { ...metadata, 'x-unknown': [1] } });

    expect(await rescan()).toEqual({ ...NOTHING, added: ['rich'] });
    expect(await host.plugin('rich')).toMatchObject({
      ...{
        ...metadata,
        id: 'rich',
        name: 'Rich & plain',
        icon: '🧪',
        route: '/rich',
        protocol: 1,
        file: 'rich.binary',
      },
      ...{ enabled: false, status: 'disabled', reason: null },
    });
  });

  it('[SUP-9] a new file can be enabled after a rescan; a removed one leaves, and its process ends', async () => {
    const file = installPlugin(host, { id: 'guest' });
    expect(await rescan()).toEqual({ ...NOTHING, added: ['guest'] });
    await host.enable('guest');
    const { pid } = await host.plugin('guest');
    rmSync(file);

    expect(await rescan()).toEqual({ ...NOTHING, removed: ['guest'] });
    expect((await host.api('/api/plugins/guest')).status).toBe(404);
    expect((await host.api('/plugins/guest/echo')).status).toBe(404);
    await host.waitFor('its process to end', () => !host.livingPlugins().includes(pid ?? 0));
    expect((await all()).map(({ id }) => id)).not.toContain('guest');
    expect(await rescan()).toEqual(NOTHING);
  });

  it('[META-2] [SUP-9] a file is run for its metadata again when it has changed, and only then', async () => {
    expect([metadataRuns('kept'), metadataRuns('replaced')]).toEqual([1, 1]);
    await servesDuring(host, 'kept', async () => {
      installPlugin(host, { id: 'replaced', journal: true, metadata: { version: '2.0.0' } });
      expect(await rescan()).toEqual({ ...NOTHING, changed: ['replaced'] });
      await host.waitFor('the new version to serve', async () => {
        const { version } = await host.json<{ version: string }>('/plugins/replaced/pid');
        return version === '2.0.0';
      });
    });

    expect(await host.plugin('replaced')).toMatchObject({ version: '2.0.0', status: 'running' });
    expect([metadataRuns('kept'), metadataRuns('replaced')]).toEqual([1, 2]);
    expect(startsOf(host, 'kept')).toBe(1);
  });

  it('[META-2] another time on the same file makes it read again, and its process stays', async () => {
    const { pid } = await host.plugin('kept');
    utimesSync(path.join(host.directories.plugins, 'kept.binary'), new Date(), new Date(1_700_000_000_000));

    expect(await rescan()).toEqual(NOTHING);
    expect(metadataRuns('kept')).toBe(2);
    expect((await host.plugin('kept')).pid).toBe(pid);
  });

  it('[ISO-5] who has an id or a route keeps it against newcomers, and an event tells', async () => {
    writeFixture(host.directories.plugins, { id: 'kept', route: '/elsewhere' }, 'a-second-kept');
    writeFixture(host.directories.plugins, { id: 'intruder', route: '/kept' }, 'a-third');
    await rescan();
    const invalid = (await all()).filter(({ status }) => status === 'invalid');

    expect(invalid.map(({ file }) => file)).toEqual(['a-second-kept.binary', 'a-third.binary']);
    for (const { reason } of invalid) expect(reason).toContain('belongs to kept.binary already');
    expect(await host.plugin('kept')).toMatchObject({ file: 'kept.binary', status: 'running' });
    const conflicts = (await eventsOf(host, 'kept')).filter((event) => event.event_type === 'conflict');
    expect(conflicts.map(({ details }) => details['what'])).toEqual(['id', 'route']);
    expect((await host.api(`/api/plugins/${invalid[0]?.id ?? ''}/enable`, { method: 'POST' })).status).toBe(409);
  });

  it('[SUP-8] [ISO-4] a file that cannot be used any more ends nothing, and is taken up when it is mended', async () => {
    const file = path.join(host.directories.plugins, 'replaced.binary');
    const good = readFileSync(file);
    const { pid } = await host.plugin('replaced');
    const spoilt: readonly [string | Buffer, number, string][] = [
      [good, 0o644, 'chmod +x'],
      ['#!/bin/sh\nexit 1\n', 0o755, 'status 1'],
      ['#!/bin/sh\necho no metadata\n', 0o755, 'begin with'],
    ];
    await servesDuring(host, 'replaced', async () => {
      for (const [content, mode, why] of spoilt) {
        writeFileSync(file, content);
        chmodSync(file, mode);
        expect(await rescan()).toEqual({ ...NOTHING, changed: ['replaced'] });
        expect(await host.plugin('replaced')).toMatchObject({
          ...{ pid, status: 'running', version: '2.0.0', reason: null },
          file_problem: expect.stringContaining(why),
        });
      }
      expect(await rescan()).toEqual(NOTHING);
      writeFileSync(file, good);
      expect(await rescan()).toEqual({ ...NOTHING, changed: ['replaced'] });
    });

    expect(await host.plugin('replaced')).toMatchObject({ pid, status: 'running', file_problem: null });
    const told = (await eventsOf(host, 'replaced')).filter(({ event_type }) => event_type === 'invalid');
    expect(told).toHaveLength(spoilt.length);
    for (const { details } of told) expect(details['message']).toMatch(/the version before goes on$/);
  });

  it('faults 13: a file that goes and comes at once never has two processes', async () => {
    const file = installPlugin(host, { id: 'flicker', behaviour: 'ignores-sigterm', journal: true });
    await rescan();
    await host.enable('flicker');
    let most = 0;
    for (let round = 0; round < 3; round++) {
      const source = readFileSync(file);
      rmSync(file);
      await rescan();
      writeFileSync(file, source, { mode: 0o755 });
      await rescan();
      await host.waitFor('it to run', async () => {
        most = Math.max(most, host.livingPluginsOf('flicker').length);
        return (await host.plugin('flicker')).status === 'running';
      });
    }
    expect(most).toBe(1);
    const { pid } = await host.plugin('flicker');
    expect(host.livingPluginsOf('flicker')).toEqual([pid]);
    await host.disable('flicker');
    expect(host.livingPluginsOf('flicker')).toEqual([]);
  });

  it('[META-2] [SUP-7] [SUP-8] a restart of the host runs no unchanged file, and goes on where one cannot be used', async () => {
    const before = [metadataRuns('kept'), metadataRuns('replaced')];
    await host.stop();
    writeFileSync(path.join(host.directories.plugins, 'replaced.binary'), '#!/bin/sh\necho no metadata\n');
    await host.start();
    await Promise.all([host.untilPlugin('kept', 'running'), host.untilPlugin('replaced', 'running')]);

    const unusable = { version: '2.0.0', status: 'running', file_problem: expect.stringContaining('begin with') };
    expect(await host.plugin('replaced')).toMatchObject(unusable);
    await host.disable('replaced');
    expect(await host.enable('replaced')).toMatchObject({ outcome: 'enabled', plugin: unusable });
    expect((await host.json<{ version: string }>('/plugins/replaced/pid')).version).toBe('2.0.0');
    expect([metadataRuns('kept'), metadataRuns('replaced')]).toEqual(before);
    await host.stop();
    expect(host.livingPlugins()).toEqual([]);
  });
});
