import { readFileSync } from 'node:fs';
import path from 'node:path';
import { startHost, type TestHost } from '../support/host';
import { servesDuring } from '../support/serves-during';
import { untilRead } from '../support/until-read';

const SEVERAL = ['one', 'two', 'three'] as const;

/** LIF-5 and faults 13: commands that come in parallel. */
describe('enabling and disabling in parallel', () => {
  let host: TestHost;

  beforeAll(async () => {
    host = await startHost({
      plugins: {
        neighbour: {},
        storm: {},
        stuck: { behaviour: 'no-socket', enabled: false },
        reluctant: { behaviour: 'ignores-sigterm' },
        ...Object.fromEntries(SEVERAL.map((id) => [id, { enabled: false }])),
      },
      env: {
        // one that is stuck stays so for as long as anything is looked at
        TORU_READY_TIMEOUT_MS: '3600000',
        TORU_SHUTDOWN_GRACE_MS: '1000',
        TORU_KILL_DELAY_MS: '200',
        TORU_HEALTH_INTERVAL_MS: '3600000',
      },
    });
    await Promise.all(['neighbour', 'storm', 'reluctant'].map((id) => host.untilPlugin(id, 'running')));
    await untilRead(host);
  });
  afterAll(() => host.dispose());

  const recorded = (id: string): boolean | undefined => {
    const text = readFileSync(path.join(host.directories.plugins, '.metadata/config.json'), 'utf8');
    return (JSON.parse(text) as { plugins: Record<string, boolean> }).plugins[id];
  };
  const command = async (id: string, what: 'enable' | 'disable'): Promise<number> => {
    const response = await host.api(`/api/plugins/${id}/${what}`, { method: 'POST' });
    await response.text();
    return response.status;
  };

  /** Counts the processes of a plugin while some work goes on; the largest number that was seen. */
  async function mostProcesses(id: string, work: () => Promise<unknown>): Promise<number> {
    let most = 0;
    const count = (): unknown => (most = Math.max(most, host.livingPluginsOf(id).length));
    count();
    const sampler = setInterval(count, 20);
    try {
      await work();
    } finally {
      clearInterval(sampler);
    }
    return most;
  }

  async function expectOneTruth(id: string): Promise<void> {
    const details = await host.plugin(id);
    expect(details.status).toBe(details.enabled ? 'running' : 'disabled');
    expect(recorded(id)).toBe(details.enabled);
    expect(host.livingPluginsOf(id)).toEqual(details.enabled ? [details.pid] : []);
  }

  it.each(['storm', 'reluctant'])(
    'faults 13: [LIF-5] a storm on %s has one process at most and ends in one truth',
    async (id) => {
      const statuses: number[] = [];
      const most = await mostProcesses(id, () =>
        servesDuring(host, 'neighbour', async () => {
          const storm = Array.from({ length: 20 }, (_, at) => command(id, at % 2 === 0 ? 'disable' : 'enable'));
          statuses.push(...(await Promise.all(storm)));
        }),
      );

      expect(most).toBe(1);
      // 409: it was disabled again before it was ready
      expect(statuses.filter((status) => status !== 200 && status !== 409)).toEqual([]);
      await expectOneTruth(id);
      expect(await command(id, 'enable')).toBe(200);
      await expectOneTruth(id);
      expect(await command(id, 'disable')).toBe(200);
      await expectOneTruth(id);
    },
  );

  it('faults 13: [LIF-5] a storm on several, and nobody is left over', async () => {
    const all = SEVERAL.flatMap((id) => Array.from({ length: 6 }, (_, at) => [id, at % 2 === 0] as const));
    await Promise.all(all.map(([id, on]) => command(id, on ? 'enable' : 'disable')));
    for (const id of SEVERAL) await expectOneTruth(id);

    expect(await Promise.all(SEVERAL.map((id) => command(id, 'disable')))).toEqual([200, 200, 200]);
    for (const id of SEVERAL) expect(host.livingPluginsOf(id)).toEqual([]);
  });

  it('[LIF-5] one that is slow to start delays no other, and can be disabled meanwhile', async () => {
    let settled = false;
    const slow = command('stuck', 'enable').finally(() => {
      settled = true;
    });
    await host.untilPlugin('stuck', 'starting');
    const problem = await host.api('/plugins/stuck/echo');
    expect(problem.status).toBe(503);
    expect(await problem.json()).toMatchObject({ code: 'plugin_unavailable', plugin: 'stuck' });

    expect(await command('one', 'enable')).toBe(200);
    expect(await command('two', 'enable')).toBe(200);
    expect(await command('one', 'disable')).toBe(200);
    expect(settled).toBe(false);

    expect(await command('stuck', 'disable')).toBe(200);
    expect(await slow).toBe(409);
    await expectOneTruth('stuck');
  });

  it('faults 13: [SUP-7] SIGTERM in the middle of a storm leaves no process', async () => {
    const storm = Array.from({ length: 12 }, (_, at) =>
      command(SEVERAL[at % 3] ?? 'one', at % 4 === 3 ? 'disable' : 'enable').catch(() => 0),
    );
    await Promise.race(storm);
    await host.stop();
    await Promise.all(storm);

    expect(host.livingPlugins()).toEqual([]);
  });
});
