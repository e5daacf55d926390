import { readdirSync } from 'node:fs';
import { startHost, type TestHost } from '../support/host';
import { journalOf, startsOf } from '../support/journal-of';
import { programsOf } from '../support/own-processes';
import { servesDuring } from '../support/serves-during';

/** Faults 10 and 12: what a plugin's end does to those who wait for it, and to nobody else. */
describe('a plugin that ends while it is asked', () => {
  let host: TestHost;

  beforeAll(async () => {
    host = await startHost({
      plugins: { chaos: { journal: true }, neighbour: {} },
      env: {
        TORU_HEALTH_INTERVAL_MS: '3600000',
        TORU_BACKOFF_BASE_MS: '20',
        TORU_BACKOFF_MAX_MS: '20',
        TORU_MAX_CRASHES: '1000',
        TORU_CRASH_WINDOW_LIMIT: '0',
        TORU_QUARANTINE_AFTER_CRASHES: '0',
        TORU_REQUEST_TIMEOUT_MS: '60000',
      },
      // a connection that waits for its next request would be among what the host holds
      headers: { connection: 'close' },
    });
    await host.untilPlugin('neighbour', 'running');
  });
  beforeEach(() => host.untilPlugin('chaos', 'running'));
  afterAll(() => host.dispose());

  /** A client learns of a lost connection before the host learns of the process's end: the state may still be old. */
  async function untilStarted(starts: number): Promise<void> {
    await host.waitFor(`start ${starts}`, async () => {
      const { status, restarts } = await host.plugin('chaos');
      return status === 'running' && restarts === starts - 1;
    });
  }

  it('faults 10: [PRO-4] [SUP-2] [ISO-2] those in flight get 502 long before their deadline, others their answers', async () => {
    const arrived = (): number => journalOf(host, 'chaos').filter((line) => line.includes('/chaos/hang')).length;
    const before = arrived();
    const starts = startsOf(host, 'chaos');
    const inFlight = Array.from({ length: 5 }, () => host.api('/plugins/chaos/chaos/hang'));
    const elsewhere = host.json('/plugins/neighbour/slow?ms=500');
    await host.waitFor('them to arrive', () => arrived() === before + 5);

    const answers = await servesDuring(host, 'neighbour', () =>
      Promise.all([host.api('/plugins/chaos/chaos/crash'), ...inFlight]),
    );

    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 502));
    expect(await elsewhere).toEqual({ slow: true });
    await untilStarted(starts + 1);
    expect((await host.api('/plugins/chaos/echo')).status).toBe(200);
  });

  it.each(['crash', 'exit', 'abort'])('faults 10: [PRO-4] a POST that meets %s is not sent twice', async (name) => {
    const path = `/chaos/chaos/${name}?once=${name}`;
    const starts = startsOf(host, 'chaos');
    const response = await host.api(`/plugins${path}`, { method: 'POST', body: 'once' });

    expect(response.status).toBe(502);
    await untilStarted(starts + 1);
    expect((await host.api('/plugins/chaos/echo')).status).toBe(200);
    expect(journalOf(host, 'chaos').filter((line) => line === `POST ${path}`)).toHaveLength(1);
  });

  it('[ISO-2] [OBS-1] a flood on both outputs disturbs nobody, and its own requests neither', async () => {
    const flood = await servesDuring(host, 'neighbour', () => host.api('/plugins/chaos/chaos/flood'));

    expect(flood.status).toBe(200);
  });

  it('faults 12: crash after crash leaves no zombie and no open descriptor', async () => {
    const descriptors = (): number => readdirSync(`/proc/${host.pid}/fd`).length;
    const crash = async (): Promise<void> => {
      const starts = startsOf(host, 'chaos');
      await host.api('/plugins/chaos/chaos/crash');
      await untilStarted(starts + 1);
    };
    await crash();
    const before = descriptors();
    for (let round = 0; round < 8; round++) await crash();

    // the plugin and its neighbour
    await host.waitFor('every other child to be waited for', () => programsOf(host.pid).length === 2);
    await host.waitFor('the descriptors to be given back', () => descriptors() <= before + 1);
    await host.stop();
    expect(host.livingPlugins()).toEqual([]);
  });
});
