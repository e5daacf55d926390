import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { ProblemDetails } from '@toru/contracts';
import { startHost, type TestHost } from '../support/host';
import { startsOf } from '../support/journal-of';
import { processGroupOf } from '../support/own-processes';
import { servesDuring } from '../support/serves-during';
import { eventsOf, untilSupervisorLines } from '../support/supervisor-log';
import { untilRead } from '../support/until-read';

const DELAYS = [40, 80, 160, 320, 320, 320, 320, 320, 320];

/** SUP-1 to SUP-4 and SUP-10, in a host whose waits are short. */
describe('a plugin that ends', () => {
  let host: TestHost;

  beforeAll(async () => {
    host = await startHost({
      plugins: {
        neighbour: {},
        loops: { behaviour: 'exits-at-once', journal: true, enabled: false },
        'loops-cleanly': { behaviour: 'exits-at-once', exitCode: 0, journal: true, enabled: false },
        unlicensed: {
          behaviour: 'exits-at-once',
          exitCode: 78,
          says: 'the licence has expired',
          enabled: false,
          journal: true,
        },
        recovers: { behaviour: 'crashes-at-first', times: 3, enabled: false, journal: true },
        deaf: { enabled: false },
      },
      env: {
        TORU_HEALTH_INTERVAL_MS: '50',
        // one that is unhealthy stays so until somebody mends it, whenever that is
        TORU_RESTART_AFTER_CHECKS: '0',
        TORU_BACKOFF_BASE_MS: '40',
        TORU_BACKOFF_MAX_MS: '320',
        TORU_BACKOFF_JITTER_PERCENT: '0',
        TORU_HEALTHY_AFTER_MS: '500',
      },
    });
    await untilRead(host);
    await host.untilPlugin('neighbour', 'running');
  });
  afterAll(() => host.dispose());

  const recorded = (): { plugins: Record<string, boolean> } =>
    JSON.parse(readFileSync(path.join(host.directories.plugins, '.metadata/config.json'), 'utf8')) as {
      plugins: Record<string, boolean>;
    };
  const enable = (id: string): Promise<Response> => host.api(`/api/plugins/${id}/enable`, { method: 'POST' });

  it('[SUP-2] [SUP-3] a kill is noticed at once, and another process takes its place', async () => {
    const { pid } = await host.json<{ pid: number }>('/plugins/neighbour/pid');
    expect(processGroupOf(pid)).toBe(pid);
    process.kill(pid, 'SIGKILL');
    const after = await host.waitFor('another process', async () => {
      const details = await host.plugin('neighbour');
      return details.status === 'running' && details.pid !== pid && details;
    });

    expect(after).toMatchObject({ restarts: 1, enabled: true });
    expect(await host.json('/plugins/neighbour/pid')).toMatchObject({ pid: after.pid });
    const crash = (await untilSupervisorLines(host, 'neighbour', 'crash')).find(({ action }) => action === 'crash');
    expect(crash).toMatchObject({ pid, signal: 'SIGKILL', level: 'error' });
  });

  it.each(['loops', 'loops-cleanly'])(
    '[SUP-3] [SUP-4] [ISO-2] faults 10: %s is started again after growing waits, ten times, and then disabled',
    async (id) => {
      const answer = await servesDuring(host, 'neighbour', async () => {
        const refused = await enable(id);
        await host.untilPlugin(id, 'disabled');
        return refused;
      });

      expect(answer.status).toBe(502);
      expect(await answer.json()).toMatchObject({ code: 'plugin_start_failed', plugin: id });
      await host.waitFor('it to be saved', async () => !(await host.plugin(id)).enabled);
      expect(recorded().plugins[id]).toBe(false);
      const details = await host.plugin(id);
      expect(details).toMatchObject({ enabled: false, pid: null, consecutive_crashes: 10, restarts: 9 });
      expect(details.reason).toMatch(/crashed 10 times in a row/);
      expect(startsOf(host, id)).toBe(10);
      const lines = await untilSupervisorLines(host, id, 'give_up');
      expect(lines.flatMap(({ delay_ms: delay }) => (delay === undefined ? [] : [delay]))).toEqual(DELAYS);
      expect(lines.at(-1)).toMatchObject({ action: 'give_up', level: 'error', consecutive_crashes: 10 });
      const events = await eventsOf(host, id);
      const crashes = events.filter((event) => event.event_type === 'crashed');
      expect(crashes.map(({ details: { consecutive_crashes: row } }) => row)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
      expect(events.at(-1)).toMatchObject({ event_type: 'disabled', details: { consecutive_crashes: 10 } });
    },
  );

  it('[SUP-3] each wait was waited', async () => {
    const lines = await untilSupervisorLines(host, 'loops', 'give_up');
    const times = (action: string): number[] =>
      lines.filter((line) => line.action === action).map(({ timestamp }) => Date.parse(timestamp));
    const spawns = times('spawn');
    const waits = times('crash')
      .slice(0, -1)
      .map((crash, at) => (spawns[at + 1] ?? 0) - crash);

    expect(waits).toHaveLength(DELAYS.length);
    // a timer of the system may be one millisecond early by another clock
    for (const [at, wait] of waits.entries()) expect(wait).toBeGreaterThanOrEqual((DELAYS[at] ?? Infinity) - 2);
  });

  it('[SUP-4] a crash after a healthy time is the first one again', async () => {
    await enable('recovers');
    await host.untilPlugin('recovers', 'running');
    expect(startsOf(host, 'recovers')).toBe(4);
    await host.waitFor('a healthy time', async () => (await host.plugin('recovers')).consecutive_crashes === 0);
    expect((await host.api('/plugins/recovers/chaos/crash')).status).toBe(502);
    const row = await host.waitFor('the fourth crash', async () => {
      const crashes = (await eventsOf(host, 'recovers')).filter((event) => event.event_type === 'crashed');
      return crashes.length === 4 && crashes.map(({ details }) => details['consecutive_crashes']);
    });

    expect(row).toEqual([1, 2, 3, 1]);
    await host.untilPlugin('recovers', 'running');
    expect((await eventsOf(host, 'recovers')).filter((event) => event.event_type === 'restarted')).toHaveLength(2);
    await host.disable('recovers');
  });

  it('[SUP-10] [LIC-3] status 78 is not tried again, and shows its last words', async () => {
    const answer = await enable('unlicensed');
    const problem = (await answer.json()) as ProblemDetails;

    expect(problem).toMatchObject({ status: 502, code: 'plugin_start_failed', plugin: 'unlicensed' });
    expect(problem.detail).toContain('the licence has expired');
    const details = await host.plugin('unlicensed');
    expect(details).toMatchObject({ status: 'failed', pid: null, next_retry_at: null, health: 'unhealthy' });
    expect(details.reason).toContain('the licence has expired');
    expect((await untilSupervisorLines(host, 'unlicensed', 'license_refused')).map(({ action }) => action)).toEqual([
      'enable',
      'spawn',
      'failed',
      'license_refused',
    ]);
    expect((await eventsOf(host, 'unlicensed')).map((event) => event.event_type)).toEqual([
      'enabled',
      'failed',
      'license_refused',
    ]);
    expect((await host.api('/plugins/unlicensed/echo')).status).toBe(503);
  });

  it('[SUP-1] one that lives and whose socket does not answer is unhealthy until it does', async () => {
    const { plugin } = await host.enable('deaf');
    expect((await host.api('/plugins/deaf/chaos/stops-listening')).status).toBe(200);
    const details = await host.untilPlugin('deaf', 'unhealthy');
    expect(details).toMatchObject({
      pid: plugin.pid,
      health: 'unhealthy',
      reason: 'it does not answer its health checks',
    });

    process.kill(plugin.pid ?? 0, 'SIGUSR2');
    expect(await host.untilPlugin('deaf', 'running')).toMatchObject({ pid: plugin.pid, reason: null });
    expect((await eventsOf(host, 'deaf')).map((event) => event.event_type)).toEqual([
      'enabled',
      'started',
      'unhealthy',
      'recovered',
    ]);
  });

  it('[SUP-4] [SUP-10] after a restart of the host, what it had disabled stays so, and what failed is tried once', async () => {
    const before = startsOf(host, 'unlicensed');
    await host.restart();
    await untilRead(host);
    await host.untilPlugin('unlicensed', 'failed');
    await host.untilPlugin('neighbour', 'running');

    expect(startsOf(host, 'unlicensed')).toBe(before + 1);
    expect(await host.plugin('loops')).toMatchObject({ status: 'disabled', enabled: false, pid: null });
    expect([startsOf(host, 'loops'), startsOf(host, 'loops-cleanly')]).toEqual([10, 10]);
    await host.stop();
    expect(host.livingPlugins()).toEqual([]);
  });
});
