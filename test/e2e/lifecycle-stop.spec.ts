import { startHost, type TestHost } from '../support/host';
import { journalOf } from '../support/journal-of';
import { programsOf } from '../support/own-processes';
import { untilSupervisorLines } from '../support/supervisor-log';

describe('stopping a plugin', () => {
  let host: TestHost;

  beforeAll(async () => {
    host = await startHost({
      plugins: {
        polite: { behaviour: 'grandchild', journal: true },
        deaf: { behaviour: 'ignores-shutdown', journal: true },
        stubborn: { behaviour: 'family-ignores-sigterm', journal: true },
        neighbour: { journal: true },
      },
      // long enough for those that listen, on a busy machine too
      env: { TORU_SHUTDOWN_GRACE_MS: '4000', TORU_KILL_DELAY_MS: '4000' },
    });
    await Promise.all(['polite', 'deaf', 'stubborn', 'neighbour'].map((id) => host.untilPlugin(id, 'running')));
  });
  afterAll(() => host.dispose());

  describe('that is disabled', () => {
    const families = new Map<string, readonly number[]>();
    const before = new Map<string, number>();

    // side by side: each waits for nothing but time
    beforeAll(async () => {
      await Promise.all(
        ['polite', 'deaf', 'stubborn'].map(async (id) => {
          const { pid, children } = await host.json<{ pid: number; children: number[] }>(`/plugins/${id}/pid`);
          const family = [pid, ...children];
          families.set(id, family);
          await host.waitFor(`all of ${id} to be seen`, () => {
            const living = host.livingPlugins();
            return family.every((each) => living.includes(each));
          });
          before.set(id, journalOf(host, id).length);
          await host.disable(id);
          expect(host.livingPlugins().filter((living) => family.includes(living))).toEqual([]);
        }),
      );
    });

    it.each([
      ['polite', ['shutdown'], ['shutdown']],
      ['deaf', ['shutdown'], ['shutdown', 'SIGTERM']],
      ['stubborn', ['shutdown', 'SIGTERM'], ['shutdown', 'SIGTERM', 'SIGKILL']],
    ])(
      '[PRO-5] [OBS-2] %s: the host goes as far as it has to, and ends the whole group',
      async (id, received, steps) => {
        const family = families.get(id) ?? [];
        expect(family.length).toBeGreaterThan(0);
        expect(journalOf(host, id).slice(before.get(id))).toEqual(received);
        const lines = await untilSupervisorLines(host, id, 'stopped');
        const stop = lines.map(({ action }) => action);
        expect(stop.slice(stop.indexOf('disable'))).toEqual(['disable', ...steps, 'stopped']);
        expect(programsOf(host.pid).filter((child) => family.includes(child))).toEqual([]);
      },
    );
  });

  it('[SUP-7] [PRO-5] SIGTERM to the host: it answers what is in flight, stops the plugins and ends with status 0', async () => {
    await Promise.all(['polite', 'stubborn'].map((id) => host.enable(id)));
    const target = '/neighbour/slow?ms=1000';
    const inFlight = host.api(`/plugins${target}`);
    await host.waitFor('the request to arrive', () => journalOf(host, 'neighbour').includes(`GET ${target}`));

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
    for (const id of ['polite', 'neighbour']) expect(journalOf(host, id).at(-1)).toBe('shutdown');
  });
});
