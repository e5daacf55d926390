import type { Behaviour } from '../fixtures/write-fixture';
import { startHost, type TestHost } from '../support/host';

const BAD_METADATA: readonly Behaviour[] = [
  'metadata-hangs',
  'metadata-ignores-sigterm',
  'metadata-endless',
  'metadata-exits',
  'metadata-empty',
  'metadata-array',
  'metadata-trailing-text',
  'metadata-bad-utf8',
  'metadata-depth-bomb',
];

/** Each ends in a wait for its next try. One that makes no socket has no others beside it: files-at-the-socket.spec.ts. */
const BAD_STARTS: readonly Behaviour[] = ['exits-at-once', 'file-at-socket', 'symlink-at-socket'];

const GOOD_ENOUGH: readonly Behaviour[] = [
  'starts-slowly',
  'sequential',
  'ignores-shutdown',
  'ignores-sigterm',
  'grandchild',
  'floods-output',
  'endless-line',
  'forges-log-lines',
];

/** Faults 4, 6, 11 and 16: one host with all of them at once, and a plugin that behaves among them. */
describe('plugins that start badly', () => {
  let host: TestHost;

  beforeAll(async () => {
    const behaviours = [...BAD_METADATA, ...BAD_STARTS, ...GOOD_ENOUGH];
    host = await startHost({
      plugins: { good: {}, ...Object.fromEntries(behaviours.map((behaviour) => [behaviour, { behaviour }])) },
      env: {
        // whoever has to wait does so for as long as anything is looked at
        TORU_BACKOFF_BASE_MS: '3600000',
        TORU_BACKOFF_MAX_MS: '3600000',
        // for those that never tell what they are; two dozen tell it side by side
        TORU_METADATA_TIMEOUT_MS: '10000',
        TORU_SHUTDOWN_GRACE_MS: '300',
        TORU_KILL_DELAY_MS: '300',
      },
    });
    await host.untilPlugin('good', 'running');
  });
  afterAll(() => host.dispose());

  it.each(BAD_METADATA)('[ISO-4] [META-1] %s is shown as invalid with its reason', async (behaviour) => {
    const items = await host.waitFor(`${behaviour} to be refused`, async () => {
      const list = await host.json<{ items: { file: string; status: string; reason: string | null }[] }>(
        '/api/plugins',
      );
      const refused = list.items.filter((item) => item.file === `${behaviour}.binary` && item.status === 'invalid');
      // one that is slow to tell what it is comes into the list later
      return refused.length > 0 && refused;
    });

    expect(items).toHaveLength(1);
    expect(items[0]?.reason).toBeTruthy();
  });

  it.each(BAD_STARTS)('[ISO-2] [SUP-3] %s waits for its next try, with its reason', async (id) => {
    const details = await host.untilPlugin(id, 'backoff');

    expect(details.reason).toBeTruthy();
    expect(details).toMatchObject({ pid: null, health: 'unhealthy' });
  });

  it.each(GOOD_ENOUGH)('[ISO-1] [ISO-2] %s runs', async (id) => {
    await host.untilPlugin(id, 'running');

    expect(await host.json(`/plugins/${id}/pid`)).toMatchObject({ pid: expect.any(Number) });
  });

  it("[OBS-1] a plugin cannot forge the fields of its log that are the host's", async () => {
    const lines = await host.waitFor('the last lines', async () => {
      const { items } = await host.json<{ items: { plugin: string; message: string; timestamp: string }[] }>(
        '/api/plugins/forges-log-lines/logs?page_size=50',
      );
      // nothing is said of which of the two outputs is read first
      const isThere = (text: string): boolean => items.some(({ message }) => message.startsWith(text));
      return isThere('the last line on stderr') && isThere('bad') && items;
    });

    expect(lines.map((line) => line.plugin)).toEqual(lines.map(() => 'forges-log-lines'));
    expect(lines.filter((line) => line.timestamp.startsWith('1999'))).toEqual([]);
    expect(lines.map((line) => line.message)).toEqual(expect.arrayContaining(['forged', 'prototype']));
  });

  it.each(['ignores-shutdown', 'ignores-sigterm', 'grandchild'])(
    '[LIF-2] [PRO-5] %s and what it started are ended when it is disabled',
    async (id) => {
      const { pid, children } = await host.json<{ pid: number; children: number[] }>(`/plugins/${id}/pid`);
      const family = [pid, ...children];
      expect(host.livingPlugins()).toEqual(expect.arrayContaining(family));

      await host.disable(id);

      await host.waitFor('all of them to end', () => !host.livingPlugins().some((living) => family.includes(living)));
    },
  );

  it('[SUP-7] the host ends in order, and nobody is left over', async () => {
    expect(host.livingPlugins()).not.toEqual([]);

    await host.stop();

    expect(host.livingPlugins()).toEqual([]);
  });
});
