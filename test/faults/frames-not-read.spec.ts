import { rmSync } from 'node:fs';
import { footprintOf, probeSettings } from '../chaos/host-footprint';
import { startHost, type TestHost } from '../support/host';
import { mostResidentBytes } from '../support/own-processes';
import { servesDuring } from '../support/serves-during';

const CLIENTS = 20;
const BODY_BYTES = 5 * 1024 * 1024;
const ROUNDS = 2;

/** Faults 9: what a plugin does not read must not pile up in the host. */
describe('a plugin that reads nothing', () => {
  let host: TestHost;
  const probe = `/tmp/toru-not-read-${process.pid}.json`;

  beforeAll(async () => {
    host = await startHost({
      // the neighbour has all the time that it needs on a busy machine
      plugins: {
        'stops-reading': { behaviour: 'stops-reading', metadata: { http: { first_byte_timeout_ms: 1_500 } } },
        neighbour: {},
      },
      env: {
        TORU_PLUGIN_CONCURRENCY: '4',
        TORU_PLUGIN_QUEUE: '8',
        TORU_SHUTDOWN_GRACE_MS: '200',
        TORU_KILL_DELAY_MS: '200',
        ...probeSettings(probe),
      },
    });
    await Promise.all([host.untilPlugin('stops-reading', 'running'), host.untilPlugin('neighbour', 'running')]);
  });
  afterAll(async () => {
    rmSync(probe, { force: true });
    await host.dispose();
  });

  /** What it holds that is in use, in bytes. */
  const held = async (): Promise<number> => {
    const { heapUsed, external } = await footprintOf(host, probe);
    return heapUsed + external;
  };
  const post = async (): Promise<number> => {
    const response = await host.api('/plugins/stops-reading/upload', {
      method: 'POST',
      headers: { 'content-type': 'text/plain' },
      body: 'x'.repeat(BODY_BYTES),
    });
    expect(await response.json()).toMatchObject({ plugin: 'stops-reading' });
    return response.status;
  };

  it('faults 9: [ISO-2] many long uploads end with 503 or 504, others are served, and memory is given back', async () => {
    const before = await held();
    for (let round = 0; round < ROUNDS; round++) {
      const statuses = await servesDuring(host, 'neighbour', () => Promise.all(Array.from({ length: CLIENTS }, post)));
      expect(statuses.filter((status) => status !== 503 && status !== 504)).toEqual([]);
      expect(statuses).toContain(504);
    }

    // a few copies of each body at once, and a quarter of one round is more than remains of all
    expect(mostResidentBytes(host.pid)).toBeLessThan(6 * CLIENTS * BODY_BYTES);
    await host.waitFor('the bodies to be given back', async () => {
      const kept = (await held()) - before;
      if (kept < (CLIENTS * BODY_BYTES) / 4) return true;
      throw new Error(`${kept} bytes more than before`);
    });
  });

  it('faults 9: it can be disabled all the same', async () => {
    expect(await host.disable('stops-reading')).toMatchObject({ outcome: 'disabled' });
    await host.stop();

    expect(host.livingPlugins()).toEqual([]);
  });
});
