import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { InstanceInfo, PluginSummary } from '@toru/contracts';
import { installPlugin, startHost, type TestHost } from '../support/host';
import { journalOf } from '../support/journal-of';
import { parentOf, processGroupOf, spawnerOf } from '../support/own-processes';
import { eventsOf, untilSupervisorLines } from '../support/supervisor-log';
import { untilRead } from '../support/until-read';

interface Init {
  readonly instance_id: string;
  readonly plugin_socket: string;
  readonly log_path: string;
}

const UUID_V4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** One host, whose plugins behave: what enabling and disabling does. */
describe('the life of a plugin', () => {
  let host: TestHost;
  let instance: string;

  beforeAll(async () => {
    host = await startHost({
      plugins: { alpha: { journal: true }, beta: {}, sleeper: { enabled: false, journal: true } },
      // a death is noticed without the checks, and each of them ends when it is asked to, in its own time
      env: { TORU_HEALTH_INTERVAL_MS: '3600000', TORU_DRAIN_MS: '200', TORU_SHUTDOWN_GRACE_MS: '20000' },
    });
    await untilRead(host);
    await Promise.all([host.untilPlugin('alpha', 'running'), host.untilPlugin('beta', 'running')]);
    instance = await instanceId();
  });
  afterAll(() => host.dispose());

  const configFile = (): string => path.join(host.directories.plugins, '.metadata/config.json');
  const recorded = (): unknown => JSON.parse(readFileSync(configFile(), 'utf8'));
  const instanceId = async (): Promise<string> => (await host.json<InstanceInfo>('/api/instance')).instance_id;
  const processesOf = (id: string): readonly number[] => host.livingPluginsOf(id);
  const listed = async (id: string): Promise<PluginSummary | undefined> =>
    (await host.json<{ items: PluginSummary[] }>('/api/plugins')).items.find((item) => item.id === id);

  it('[ISO-1] each runs as one process, started by the host’s small one, and is the leader of its own group', async () => {
    const pids = await Promise.all(
      ['alpha', 'beta'].map(async (id) => {
        const { pid } = await host.json<{ pid: number }>(`/plugins/${id}/pid`);
        expect(processesOf(id)).toEqual([pid]);
        expect((await host.plugin(id)).pid).toBe(pid);
        return pid;
      }),
    );

    expect(new Set([host.pid, ...pids]).size).toBe(3);
    expect(pids.map(processGroupOf)).toEqual(pids);
    const spawner = spawnerOf(host.pid);
    expect(pids.map(parentOf)).toEqual([spawner, spawner]);
  });

  it('[PRO-1] [PRO-2] [ID-2] each is told of its instance, its socket and its log', async () => {
    for (const id of ['alpha', 'beta']) {
      const init = await host.waitFor('init', () => host.json<Init | null>(`/plugins/${id}/init`));
      const { env } = await host.json<{ env: Record<string, string> }>(`/plugins/${id}/env`);

      expect(init).toMatchObject({
        instance_id: instance,
        plugin_socket: env['TORU_PLUGIN_SOCKET'],
        log_path: path.join(host.directories.log, `plugins/${id}.log`),
      });
      expect(init.plugin_socket.startsWith(`${host.directories.run}/${id}-`)).toBe(true);
      expect(env).toMatchObject({ TORU_PLUGIN_ID: id, TORU_INSTANCE_ID: instance, TORU_LOG_PATH: init.log_path });
    }
  });

  it('[ID-1] the instance is a UUID of version 4, and no request changes it', async () => {
    expect(instance).toMatch(UUID_V4);
    const other = { instance_id: '6c2e7a4e-9f34-4b0e-8a39-d5a0c1c6a2f1' };
    for (const method of ['PUT', 'PATCH', 'POST', 'DELETE']) {
      const { status } = await host.api('/api/instance', { method, json: other });
      expect([method, status]).toEqual([method, 404]);
    }
    expect(await instanceId()).toBe(instance);
  });

  it('[LIF-4] one that is not recorded as enabled is listed and has no process', async () => {
    installPlugin(host, { id: 'newcomer', journal: true });
    await host.json('/api/plugins/rescan', { method: 'POST' });

    for (const id of ['sleeper', 'newcomer']) {
      expect(await listed(id)).toMatchObject({ enabled: false, status: 'disabled' });
      expect(journalOf(host, id)).toEqual(['metadata']);
      expect(processesOf(id)).toEqual([]);
    }
  });

  it('[LIF-1] [LIF-3] enabling spawns it, waits until it is ready and is recorded; twice is once', async () => {
    const answer = await host.enable('sleeper');

    expect(answer).toMatchObject({
      outcome: 'enabled',
      plugin: { enabled: true, status: 'running', health: 'healthy' },
    });
    expect((await host.api('/plugins/sleeper/echo')).status).toBe(200);
    expect(await listed('sleeper')).toMatchObject({ enabled: true, status: 'running' });
    expect(recorded()).toMatchObject({ plugins: { sleeper: true } });

    const again = await host.enable('sleeper');
    expect(again).toMatchObject({ outcome: 'already_enabled', plugin: { pid: answer.plugin.pid } });
    expect(processesOf('sleeper')).toEqual([answer.plugin.pid]);
  });

  it('[LIF-2] [LIF-3] [PRO-5] disabling sends shutdown, ends it and closes its routes; twice is once', async () => {
    const answer = await host.disable('sleeper');

    expect(answer).toMatchObject({ outcome: 'disabled', plugin: { enabled: false, status: 'disabled', pid: null } });
    expect(journalOf(host, 'sleeper').at(-1)).toBe('shutdown');
    expect(processesOf('sleeper')).toEqual([]);
    for (const route of ['/plugins/sleeper/echo', '/api/plugins/route/sleeper/echo', '/api/plugins/sleeper/echo']) {
      const response = await host.api(route);
      expect(response.status).toBe(404);
      expect(await response.json()).toMatchObject({ code: 'plugin_disabled', plugin: 'sleeper', instance: route });
    }
    expect(await listed('sleeper')).toMatchObject({ enabled: false, status: 'disabled' });
    expect(recorded()).toMatchObject({ plugins: { sleeper: false } });
    expect(await host.disable('sleeper')).toMatchObject({ outcome: 'already_disabled' });
  });

  it('[LIF-3] what somebody else wrote into config.json survives', async () => {
    writeFileSync(configFile(), JSON.stringify({ note: 'mine', plugins: { alpha: true, beta: true, gone: true } }));
    await host.enable('sleeper');
    await host.disable('sleeper');

    expect(recorded()).toEqual({ note: 'mine', plugins: { alpha: true, beta: true, gone: true, sleeper: false } });
  });

  it('[OBS-2] [OBS-3] all of it is in the log of the supervisor and in the events', async () => {
    const lines = (await untilSupervisorLines(host, 'sleeper', 'stopped', 2)).map(({ action }) => action);
    const once = ['enable', 'spawn', 'ready', 'disable', 'shutdown', 'stopped'];
    expect(lines).toEqual([...once, ...once]);

    const events = await eventsOf(host, 'sleeper');
    const rows = ['enabled', 'started', 'disabled', 'stopped'];
    expect(events.map((event) => event.event_type)).toEqual([...rows, ...rows]);
    expect(events.map((event) => event.plugin_id)).toEqual(events.map(() => 'sleeper'));
    const all = await host.json<{ items: { id: number }[] }>('/api/events?plugin_id=sleeper&page_size=200');
    expect(all.items.map(({ id }) => id).reverse()).toEqual(events.map(({ id }) => id));
  });

  it('[LIF-3] [LIF-4] [META-2] [SUP-7] a restart of the host spawns what was enabled, and runs no file for its metadata', async () => {
    await host.restart();
    await untilRead(host);
    await Promise.all([host.untilPlugin('alpha', 'running'), host.untilPlugin('beta', 'running')]);

    expect(await listed('sleeper')).toMatchObject({ enabled: false, status: 'disabled' });
    expect(processesOf('sleeper')).toEqual([]);
    expect(host.livingPlugins()).toHaveLength(2);
    expect(journalOf(host, 'alpha').filter((line) => line === 'metadata')).toHaveLength(1);
    expect(await host.plugin('alpha')).toMatchObject({ name: 'alpha', version: '1.0.0', icon: '🧪', route: '/alpha' });
  });

  it('[ID-1] [ID-2] the instance is the same after it, and every init carries it', async () => {
    expect(await instanceId()).toBe(instance);
    const init = await host.waitFor('init', () => host.json<Init | null>('/plugins/alpha/init'));
    expect(init.instance_id).toBe(instance);
  });

  it('[SUP-7] stopping the host: a request that does not end keeps it no longer than its bound, and no process is left', async () => {
    const target = '/alpha/chaos/hang';
    const inFlight = host.api(`/plugins${target}`).then(
      (response) => response.status,
      () => 'closed',
    );
    await host.waitFor('the request to arrive', () => journalOf(host, 'alpha').includes(`GET ${target}`));
    await host.stop();

    expect([502, 503, 'closed']).toContain(await inFlight);
    expect(host.livingPlugins()).toEqual([]);
    expect(journalOf(host, 'alpha').at(-1)).toBe('shutdown');
  });
});
