import { startHost, type TestHost } from '../support/host';
import { journalOf } from '../support/journal-of';
import { programsOf } from '../support/own-processes';
import { untilSupervisorLines } from '../support/supervisor-log';

const SHORT = { TORU_SHUTDOWN_GRACE_MS: '200', TORU_KILL_DELAY_MS: '200' };

describe('stopping a plugin', () => {
  let host: TestHost;

  beforeAll(async () => {
    host = await startHost({
      plugins: {
        polite: { behaviour: 'grandchild', journal: true },
        deaf: { behaviour: 'ignores-shutdown', journal: true },
        stubborn: { behaviour: 'family-ignores-sigterm', journal: true },
        neighbour: {},
      },
      env: SHORT,
    });
    await Promise.all(['polite', 'deaf', 'stubborn', 'neighbour'].map((id) => host.untilPlugin(id, 'running')));
  });
  afterAll(() => host.dispose());

  it.each([
    ['polite', ['shutdown'], ['shutdown']],
    ['deaf', ['shutdown'], ['shutdown', 'SIGTERM']],
    ['stubborn', ['shutdown', 'SIGTERM'], ['shutdown', 'SIGTERM', 'SIGKILL']],
  ])('[PRO-5] [OBS-2] %s: the host goes as far as it has to, and ends the whole group', async (id, received, steps) => {
    const { pid, children } = await host.json<{ pid: number; children: number[] }>(`/plugins/${id}/pid`);
    const family = [pid, ...children];
    expect(host.livingPlugins()).toEqual(expect.arrayContaining(family));
    const before = journalOf(host, id).length;

    await host.disable(id);

    expect(host.livingPlugins().filter((living) => family.includes(living))).toEqual([]);
    expect(journalOf(host, id).slice(before)).toEqual(received);
    const lines = await untilSupervisorLines(host, id, 'stopped');
    const stop = lines.map(({ action }) => action);
    expect(stop.slice(stop.indexOf('disable'))).toEqual(['disable', ...steps, 'stopped']);
    expect(programsOf(host.pid).filter((child) => family.includes(child))).toEqual([]);
  });
});

describe('SIGTERM to the host', () => {
  it('[SUP-7] [PRO-5] answers what is in flight, stops the plugins and ends with status 0', async () => {
    const host = await startHost({
      plugins: {
        slow: { journal: true },
        stubborn: { behaviour: 'family-ignores-sigterm' },
        second: { journal: true },
      },
      env: SHORT,
    });
    try {
      await Promise.all(['slow', 'stubborn', 'second'].map((id) => host.untilPlugin(id, 'running')));
      const inFlight = host.api('/plugins/slow/slow?ms=1000');
      await host.waitFor('the request to arrive', () => journalOf(host, 'slow').includes('GET /slow/slow?ms=1000'));

      const stopped = host.stop();
      await host.waitFor('the host to accept nothing new', async () => {
        const refused = await host.api('/health/live', { as: 'nobody' }).then(
          () => false,
          () => true,
        );
        return refused;
      });
      const answer = await inFlight;
      await stopped;

      expect(answer.status).toBe(200);
      expect(await answer.json()).toEqual({ slow: true });
      expect(host.livingPlugins()).toEqual([]);
      for (const id of ['slow', 'second']) expect(journalOf(host, id).at(-1)).toBe('shutdown');
    } finally {
      await host.dispose();
    }
  });

  it('[SUP-7] a request that does not end keeps it no longer than its bound', async () => {
    const host = await startHost({ plugins: { slow: { journal: true } }, env: { ...SHORT, TORU_DRAIN_MS: '200' } });
    try {
      await host.untilPlugin('slow', 'running');
      const inFlight = host.api('/plugins/slow/chaos/hang').then(
        (response) => response.status,
        () => 'closed',
      );
      await host.waitFor('the request to arrive', () => journalOf(host, 'slow').includes('GET /slow/chaos/hang'));
      await host.stop();

      expect([502, 503, 'closed']).toContain(await inFlight);
      expect(host.livingPlugins()).toEqual([]);
    } finally {
      await host.dispose();
    }
  });
});
