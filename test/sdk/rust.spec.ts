import { chmodSync, copyFileSync } from 'node:fs';
import path from 'node:path';
import { buildRust, hasCargo } from '../conformance/build-plugins';
import { startHost, type TestHost } from '../support/host';

/** A first build downloads and compiles every dependency, and waits for others that build the same. */
const BUILD_TIMEOUT_MS = 1_800_000;

interface Visits {
  readonly visits: number;
  readonly instance_id: string;
}

interface Note {
  readonly id: number;
  readonly text: string;
}

const available = hasCargo();
if (!available && process.env['CI'] !== 'true') {
  console.warn('The Rust SDK was NOT tested: there is no cargo here. Install Rust 1.88 or newer (https://rustup.rs).');
}

// In CI a missing toolchain fails; on a machine of one's own it is told and left out.
const describeWithCargo = available || process.env['CI'] === 'true' ? describe : describe.skip;

describeWithCargo('plugins that use the Rust SDK', () => {
  let host: TestHost;

  beforeAll(async () => {
    if (!available) throw new Error('There is no cargo here, and CI tests everything.');
    const { examples } = buildRust();
    // a plugin that is well ends long before its grace is over, however busy the machine is
    host = await startHost({ env: { TORU_SHUTDOWN_GRACE_MS: '60000' } });
    for (const built of examples) {
      const file = path.join(host.directories.plugins, `${path.basename(built)}.binary`);
      copyFileSync(built, file);
      chmodSync(file, 0o755);
    }
    await host.api('/api/plugins/rescan', { method: 'POST' });
    for (const id of ['hello-rust', 'notes-rust']) {
      await host.enable(id);
      await host.untilPlugin(id, 'running');
    }
  }, BUILD_TIMEOUT_MS);
  afterAll(async () => {
    await (host as TestHost | undefined)?.dispose();
  });

  it('[LANG-1] [META-1] [API-1] are in the list with their metadata, running and healthy', async () => {
    expect(await host.plugin('hello-rust')).toMatchObject({
      icon: '🦀',
      name: 'Hello Rust',
      route: '/hello-rust',
      status: 'running',
      health: 'healthy',
    });
  });

  it('[LANG-1] [RTE-1] [RTE-2] [RTE-3] [KV-1] count in the storage of the host, under each form of the route', async () => {
    const visit = async (under: string): Promise<number> =>
      (await host.json<Visits>(`${under}/visits`, { method: 'POST' })).visits;
    const first = await visit('/plugins/hello-rust');

    expect(await visit('/api/plugins/route/hello-rust')).toBe(first + 1);
    expect(await visit('/api/plugins/hello-rust')).toBe(first + 2);
  });

  it('[LANG-1] [KV-1] lose no visit when many come at once', async () => {
    const { visits } = await host.json<Visits>('/plugins/hello-rust/visits');
    const visit = (): Promise<Visits> => host.json<Visits>('/plugins/hello-rust/visits', { method: 'POST' });
    await Promise.all(Array.from({ length: 20 }, visit));

    expect((await host.json<Visits>('/plugins/hello-rust/visits')).visits).toBe(visits + 20);
  });

  it('[LANG-1] [ID-2] know the instance that they run in', async () => {
    const { instance_id } = await host.json<{ instance_id: string }>('/api/instance');

    expect((await host.json<Visits>('/plugins/hello-rust/visits')).instance_id).toBe(instance_id);
  });

  it.each(['hello-rust', 'notes-rust'])('[LANG-1] [FE-1] serve the bundle that is embedded in %s', async (id) => {
    const response = await host.api(`/api/plugins/${id}/bundle.js`);

    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toMatch(/^text\/javascript/);
    expect(await response.text()).toContain('export function mount');
  });

  it('[LANG-1] [PRO-3] [KV-3] keep notes, refuse bad ones and delete', async () => {
    const add = (text: string): Promise<Response> =>
      host.api('/api/plugins/route/notes/notes', { method: 'POST', json: { text } });
    const created = await add('příliš žluťoučký kůň');
    const note = (await created.json()) as Note;

    expect(created.status).toBe(201);
    expect((await add('')).status).toBe(400);
    expect(await host.json<Note[]>('/plugins/notes/notes')).toEqual([note]);

    const remove = (): Promise<Response> => host.api(`/plugins/notes/notes/${note.id}`, { method: 'DELETE' });
    expect((await remove()).status).toBe(204);
    expect((await remove()).status).toBe(404);
    expect(await host.json<Note[]>('/plugins/notes/notes')).toEqual([]);
  });

  it('[LANG-1] [PRO-5] [LIF-2] [KV-5] end when they are disabled, and come back with what they stored', async () => {
    const { visits } = await host.json<Visits>('/plugins/hello-rust/visits', { method: 'POST' });
    const answer = await host.disable('hello-rust');

    expect(answer).toMatchObject({ outcome: 'disabled', plugin: { enabled: false, status: 'disabled', pid: null } });
    expect(host.livingPluginsOf('hello-rust')).toEqual([]);

    await host.enable('hello-rust');
    expect((await host.json<Visits>('/plugins/hello-rust/visits')).visits).toBe(visits);
  });

  it('[LANG-1] [SUP-6] do not outlive a host that was killed', async () => {
    await Promise.all(['hello-rust', 'notes-rust'].map((id) => host.untilPlugin(id, 'running')));
    expect(host.livingPlugins().length).toBe(2);
    await host.kill();

    await host.waitFor('the plugins to end', () => host.livingPlugins().length === 0);
  });
});
