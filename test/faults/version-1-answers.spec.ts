import { startHost, type TestHost } from '../support/host';

/** What ends the plugin's process. */
const DEADLY: ReadonlySet<string> = new Set(['crash', 'abort']);

const UNANSWERED = ['hang', 'header-without-body', 'drip', 'wrong-type'];
/** Only these have little time: all others have what they need on a busy machine. */
const NEVER_ANSWERED = UNANSWERED.map((name) => ({ path: `/chaos/${name}`, first_byte_timeout_ms: 1_500 }));

/** Faults 7, 8, 10 and 19: what a plugin may put on its socket, and what its client and its neighbour see of it. */
describe('a plugin that answers badly', () => {
  let host: TestHost;

  beforeAll(async () => {
    host = await startHost({
      plugins: { chaos: { metadata: { http: { paths: NEVER_ANSWERED } } }, neighbour: {} },
      env: {
        TORU_BACKOFF_BASE_MS: '100',
        TORU_MAX_CRASHES: '1000',
        TORU_CRASH_WINDOW_LIMIT: '0',
      },
    });
    await host.untilPlugin('neighbour', 'running');
  });
  // ten bad answers in a row make it unhealthy, and it is asked all the same
  beforeEach(() => host.untilPlugin('chaos', 'running', 'unhealthy'));
  afterAll(() => host.dispose());

  const ask = (name: string): Promise<Response> => host.api(`/plugins/chaos/chaos/${name}`);

  async function expectNeighbourServes(): Promise<void> {
    expect((await host.api('/plugins/neighbour/echo')).status).toBe(200);
  }

  it.each([
    'length-zero',
    'length-max',
    'length-over-limit',
    'truncated',
    'garbage',
    'not-an-object',
    'invalid-utf8',
    'depth-bomb',
    'wrong-request-id',
    'missing-request-id',
    'close',
    'crash',
    'abort',
    'crlf-header',
    'non-latin-header',
    'status-text',
    'status-zero',
    'status-1000',
    'status-101',
    'huge-number',
  ])('[PRO-4] [PRO-8] [ISO-2] %s gives 502, and the neighbour serves', async (name) => {
    const { pid } = await host.plugin('chaos');
    const response = await ask(name);

    expect(response.status).toBe(502);
    expect(response.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(await response.json()).toMatchObject({ code: 'plugin_error', plugin: 'chaos' });
    await expectNeighbourServes();
    // its connections end a little before it does: the next case must not meet the process that is dying
    if (DEADLY.has(name)) await host.waitFor('another process', async () => (await host.plugin('chaos')).pid !== pid);
  });

  it.each(UNANSWERED)(
    '[PRO-4] [ISO-2] %s gives an error in bounded time, and the neighbour serves meanwhile',
    async (name) => {
      const pending = ask(name);
      await expectNeighbourServes();
      const response = await pending;

      expect([502, 504]).toContain(response.status);
      expect(await response.json()).toMatchObject({ plugin: 'chaos' });
    },
  );

  it.each(['split-everywhere', 'duplicate-answer', 'answer-then-garbage', 'prototype-keys'])(
    '[PRO-8] %s: the first whole answer counts',
    async (name) => {
      const response = await ask(name);

      expect(response.status).toBe(200);
      expect(await response.text()).toBe('ok');
      expect((await host.api('/plugins/chaos/echo')).status).toBe(200);
    },
  );

  it.each(['hop-by-hop', 'set-cookie', 'forbidden-headers'])('%s: only the harmless headers arrive', async (name) => {
    const { headers } = await ask(name);

    expect(headers.get('x-kept')).toBe('1');
    for (const gone of ['x-hop', 'proxy-authenticate', 'trailer', 'upgrade', 'set-cookie', 'clear-site-data']) {
      expect([gone, headers.get(gone)]).toEqual([gone, null]);
    }
    for (const gone of ['access-control-allow-origin', 'service-worker-allowed']) expect(headers.get(gone)).toBeNull();
    expect(headers.get('content-security-policy') ?? '').not.toContain('default-src *');
  });

  it.each(['length-and-chunked', 'wrong-content-length'])('%s: the length is the one of the body', async (name) => {
    const response = await ask(name);

    expect(await response.text()).toBe('ok');
    expect(response.headers.get('content-length')).toBe('2');
    expect(response.headers.get('transfer-encoding')).toBeNull();
  });

  it('[SUP-2] [ISO-2] stays the same process through all of it', async () => {
    const before = host.pid;
    await ask('crash');
    await host.untilPlugin('chaos', 'running');

    expect(host.pid).toBe(before);
    expect((await host.json<{ status: string }>('/api/plugins/neighbour')).status).toBe('running');
  });
});
