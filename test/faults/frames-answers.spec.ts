import type { ProblemDetails } from '@toru/contracts';
import { startHost, type TestHost } from '../support/host';
import { servesDuring } from '../support/serves-during';
import { eventsOf } from '../support/supervisor-log';

/** How many good requests stand beside each bad one, to the same plugin. */
const BESIDE = 6;

/** What the plugin puts on its socket, and with which status the client must be told (faults 7 and 8). */
const BAD: readonly (readonly [string, number])[] = [
  ['length-zero', 502],
  ['length-max', 502],
  ['length-over-limit', 502],
  ['header-without-body', 504],
  ['truncated', 502],
  ['drip', 504],
  ['garbage', 502],
  ['not-an-object', 502],
  ['invalid-utf8', 502],
  ['depth-bomb', 502],
  ['wrong-request-id', 502],
  ['missing-request-id', 502],
  ['wrong-type', 504],
  ['huge-number', 502],
  ['close', 502],
  ['hang', 504],
];

/** Only these have little time: all others have what they need on a busy machine. */
const NEVER_ANSWERED = [
  ...BAD.filter(([, status]) => status === 504).map(([name]) => ({
    path: `/chaos/${name}`,
    first_byte_timeout_ms: 800,
  })),
  { path: '/chaos/hold', first_byte_timeout_ms: 800 },
];

/** Unusual, and right. */
const GOOD: readonly string[] = ['split-everywhere', 'duplicate-answer', 'answer-then-garbage', 'prototype-keys'];

describe('bad frames among good ones', () => {
  let host: TestHost;
  let count = 0;

  beforeAll(async () => {
    host = await startHost({
      plugins: { chaos: { metadata: { http: { paths: NEVER_ANSWERED } } }, neighbour: {} },
      env: { TORU_PLUGIN_CONCURRENCY: '32', TORU_HEALTH_INTERVAL_MS: '3600000' },
    });
    await Promise.all([host.untilPlugin('chaos', 'running'), host.untilPlugin('neighbour', 'running')]);
  });
  afterAll(() => host.dispose());

  /** Asks for an echo of something that nobody else asks for, and checks that it is this one. */
  async function askGood(): Promise<void> {
    count += 1;
    const [path, body] = [`/chaos/echo/${count}?n=${count}`, `body ${count} `.repeat(1 + (count % 7) * 500)];
    const answer = await host.json<{ method: string; path: string; body: string }>(`/plugins${path}`, {
      method: 'POST',
      headers: { 'content-type': 'text/plain' },
      body,
    });
    expect(answer).toMatchObject({ method: 'POST', path, body });
  }

  const good = (): Promise<unknown> => Promise.all(Array.from({ length: BESIDE }, askGood));

  it.each(BAD)('faults 7, 8: [PRO-4] [PRO-8] [ISO-2] %s gives %d to its own client alone', async (name, status) => {
    const { pid } = await host.plugin('chaos');
    const [response] = await servesDuring(host, 'neighbour', () =>
      Promise.all([host.api(`/plugins/chaos/chaos/${name}`), good()]),
    );
    const problem = (await response.json()) as ProblemDetails;

    expect(response.status).toBe(status);
    expect(response.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(problem).toMatchObject({
      ...{ status, plugin: 'chaos', code: status === 504 ? 'plugin_timeout' : 'plugin_error' },
      ...{ instance: `/plugins/chaos/chaos/${name}`, request_id: expect.stringMatching(/^[0-9a-f-]{36}$/) },
    });
    await good();
    expect((await host.plugin('chaos')).pid).toBe(pid);
  });

  it.each(GOOD)('faults 7, 8: [PRO-8] %s is understood, and every answer goes to who asked', async (name) => {
    const [response] = await Promise.all([host.api(`/plugins/chaos/chaos/${name}`), good()]);

    expect(response.status).toBe(200);
    expect(await response.text()).toBe('ok');
  });

  it('faults 8: answers on the connection of another request reach nobody', async () => {
    const paths = Array.from({ length: 8 }, (_, at) => `/chaos/chaos/swap?n=${at}`);
    const [answers] = await Promise.all([Promise.all(paths.map((path) => host.api(`/plugins${path}`))), good()]);

    expect(answers.map(({ status }) => status)).toEqual(paths.map(() => 502));
    for (const [at, answer] of answers.entries()) {
      expect(await answer.json()).toMatchObject({ code: 'plugin_error', instance: '/plugins/chaos/chaos/swap' });
      expect(at).toBeLessThan(paths.length);
    }
  });

  it('faults 8: an answer that comes too late reaches nobody', async () => {
    expect((await host.api('/plugins/chaos/chaos/hold')).status).toBe(504);
    // it answers the one above before this one
    const [released] = await Promise.all([host.api('/plugins/chaos/chaos/release'), good()]);
    expect(released.status).toBe(200);
    await good();
  });

  it('faults 7, 8: [PRO-8] [OBS-2] each kind was written down, ten in a row make it unhealthy, an answer heals it', async () => {
    await good();
    await host.untilPlugin('chaos', 'running');
    for (let at = 0; at < 10; at++) expect((await host.api('/plugins/chaos/chaos/length-zero')).status).toBe(502);
    await host.untilPlugin('chaos', 'unhealthy');
    await good();
    expect(await host.untilPlugin('chaos', 'running')).toMatchObject({ health: 'healthy' });

    const types = (await eventsOf(host, 'chaos')).map((event) => event.event_type);
    expect(types.slice(-2)).toEqual(['unhealthy', 'recovered']);
    await host.stop();
    expect(host.livingPlugins()).toEqual([]);
  });
});
