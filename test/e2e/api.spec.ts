import { readdirSync } from 'node:fs';
import type { Page, PluginDetails, PluginEvent, PluginList, PluginSummary, ProblemDetails } from '@toru/contracts';
import { startHost, type TestHost } from '../support/host';
import { rawRequest, type RawAnswer } from '../support/raw-request';
import { untilRead } from '../support/until-read';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const RFC_3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

/** What stands where an id belongs and is none, as it is sent; and the only answers that it may get. */
const NO_IDS: readonly (readonly [string, string])[] = [
  ['%2e%2e', '400 malformed_path'],
  ['%2E', '400 malformed_path'],
  ['%252e%252e', '400 malformed_path'],
  ['..%2f..%2fetc%2fpasswd', '400 malformed_path'],
  ['..%5c..%5c', '400 malformed_path'],
  ['good%00', '400 malformed_path'],
  ['good%2500', '400 malformed_path'],
  ['', '400 malformed_path'],
  ['%', '400 malformed_path'],
  ['%zz', '400 malformed_path'],
  ['%c0%af', '400'],
  ['%20', '400 validation_failed'],
  ['__proto__', '400 validation_failed'],
  ['good.log', '400 validation_failed'],
  ['-good', '400 validation_failed'],
  ['g%C3%B6%C3%B6d', '400 validation_failed'],
  ['good;x=1', '400 validation_failed'],
  ['g'.repeat(65), '400 validation_failed'],
  ['g'.repeat(4000), '400 validation_failed'],
  ['constructor', '404 plugin_not_found'],
  ['toString', '404 plugin_not_found'],
  ['hasOwnProperty', '404 plugin_not_found'],
  ['g'.repeat(64), '404 plugin_not_found'],
];

const BAD_QUERIES = [
  ...['/api/plugins/good/logs?page=0', '/api/plugins/good/logs?page=-1', '/api/plugins/good/logs?page=x'],
  ...[
    '/api/plugins/good/logs?page=1.5',
    '/api/plugins/good/logs?page=1&page=2',
    '/api/plugins/good/logs?page_size=501',
  ],
  ...['/api/plugins/good/logs?level=loud', '/api/plugins/good/logs?level=', '/api/plugins/good/logs?source=kernel'],
  ...['/api/plugins/good/logs?pagesize=5', `/api/plugins/good/logs?search=${'x'.repeat(201)}`],
  ...['/api/events?page_size=201', '/api/events?since=yesterday', '/api/events?since=2026-02-30T00:00:00Z'],
  ...['/api/events?event_type=Started', '/api/events?plugin_id=../x', '/api/events?a[b]=1'],
  ...['/api/plugins/good/events?plugin_id=good', '/api/logs/supervisor?plugin_id=%27', '/api/logs/supervisor?x'],
];

describe('the REST API', () => {
  let host: TestHost;
  let cookie: string;

  beforeAll(async () => {
    host = await startHost({
      plugins: {
        good: { name: 'Good', metadata: { author: 'A. Author', description: 'Does good.', version: '1.2.3' } },
        off: { enabled: false },
        broken: { behaviour: 'metadata-exits' },
      },
    });
    cookie = await host.adminCookie();
    await untilRead(host);
    await host.untilPlugin('good', 'running');
  });
  afterAll(() => host.dispose());

  const send = (
    method: string,
    target: string,
    body?: string | Buffer,
    type = 'application/json',
  ): Promise<RawAnswer> =>
    rawRequest(host.url, target, {
      ...{
        method,
        headers: { cookie, 'x-requested-with': 'test', ...(body === undefined ? {} : { 'content-type': type }) },
      },
      ...(body === undefined ? {} : { body }),
    });

  it('[API-1] lists every installed plugin with metadata, status and health, the invalid one too', async () => {
    const { items } = await host.json<PluginList>('/api/plugins');

    expect(items.map(({ id, status, health, enabled }) => [id, status, health, enabled]).sort()).toEqual([
      ['broken', 'invalid', 'unknown', false],
      ['good', 'running', 'healthy', true],
      ['off', 'disabled', 'unknown', false],
    ]);
    const { resources, ...good } = items.find(({ id }) => id === 'good') as PluginSummary;
    // null until it was sampled for the first time
    expect(resources?.memory_bytes ?? 1).toBeGreaterThan(0);
    expect(good).toEqual({
      ...{
        id: 'good',
        name: 'Good',
        version: '1.2.3',
        icon: '🧪',
        route: '/good',
        author: 'A. Author',
        homepage: null,
      },
      ...{ description: 'Does good.', protocol: 1, file: 'good.binary', enabled: true, status: 'running' },
      ...{ health: 'healthy', reason: null, refusal: null, has_settings: false, file_problem: null },
    });
    expect(items.find(({ id }) => id === 'broken')).toMatchObject({ version: null, file: 'broken.binary' });
    expect(items.find(({ id }) => id === 'broken')?.reason).toMatch(/\S/);
  });

  it('[API-2] tells everything about one, whatever the case of its id', async () => {
    const details = await host.json<PluginDetails>('/api/plugins/GOOD');
    const { pid } = await host.json<{ pid: number }>('/plugins/good/pid');

    expect(details).toMatchObject({ id: 'good', pid, restarts: 0, consecutive_crashes: 0, next_retry_at: null });
    expect(details.started_at).toMatch(RFC_3339);
    expect(details.uptime_seconds).toBeGreaterThanOrEqual(0);
    expect(details.recent_events.map(({ event_type }) => event_type)).toContain('started');
  });

  it.each(['', '/logs', '/events', '/bundle.js'])('[API-2] an unknown id is a 404: %s', async (rest) => {
    const answer = await send('GET', `/api/plugins/nobody${rest}`);

    expect(problemOf(answer)).toEqual({
      type: 'urn:toru:problem:plugin_not_found',
      ...{ title: 'No such plugin', status: 404, code: 'plugin_not_found', instance: `/api/plugins/nobody${rest}` },
      ...{ detail: expect.stringContaining('nobody'), request_id: expect.stringMatching(UUID) },
    });
  });

  describe('events', () => {
    const page = (query: string): Promise<Page<PluginEvent>> => host.json<Page<PluginEvent>>(`/api/events?${query}`);

    beforeAll(async () => {
      for (let i = 0; i < 3; i++) {
        await host.enable('off');
        await host.disable('off');
      }
    });

    it('[API-4] [OBS-3] newest first, each with its plugin, type, time and details', async () => {
      const { items } = await page('plugin_id=off&page_size=200');
      const ids = items.map(({ id }) => id);

      expect(ids).toEqual([...ids].sort((a, b) => b - a));
      expect(items.filter(({ event_type }) => event_type === 'started')).toHaveLength(3);
      expect(items.filter(({ event_type }) => event_type === 'stopped')).toHaveLength(3);
      for (const item of items) {
        expect(item).toMatchObject({ plugin_id: 'off', details: expect.any(Object) });
        expect(item.timestamp).toMatch(RFC_3339);
      }
    });

    it('[API-4] pages join to the whole list', async () => {
      const whole = (await page('plugin_id=off&page_size=200')).items;
      const parts: PluginEvent[] = [];
      for (let n = 1; ; n++) {
        const { items, has_more, page_size, page: number } = await page(`plugin_id=off&page=${n}&page_size=2`);
        expect([number, page_size]).toEqual([n, 2]);
        parts.push(...items);
        if (!has_more) break;
      }

      expect(parts).toEqual(whole);
      expect(await page('plugin_id=off&page=1000000')).toMatchObject({ items: [], has_more: false });
    });

    it('[API-4] filters by type, by time, and by plugin whatever the case', async () => {
      const all = (await page('plugin_id=OFF&page_size=200')).items;
      const middle = all[Math.floor(all.length / 2)]?.timestamp ?? '';
      const at = encodeURIComponent(middle);

      expect((await page('plugin_id=off&event_type=started&page_size=200')).items).toEqual(
        all.filter(({ event_type }) => event_type === 'started'),
      );
      expect((await page(`plugin_id=off&since=${at}&page_size=200`)).items).toEqual(
        all.filter(({ timestamp }) => timestamp >= middle),
      );
      expect((await page(`plugin_id=off&until=${at}&page_size=200`)).items).toEqual(
        all.filter(({ timestamp }) => timestamp <= middle),
      );
      expect((await host.json<Page<PluginEvent>>('/api/plugins/off/events?page_size=200')).items).toEqual(all);
      expect((await page('plugin_id=nobody')).items).toEqual([]);
    });
  });

  describe('ids that are no ids', () => {
    let before: readonly string[];

    const files = (): readonly string[] =>
      readdirSync(host.directories.root, { recursive: true, encoding: 'utf8' }).sort();
    beforeAll(() => {
      before = files();
    });

    it.each(NO_IDS)('[API-6] %s: %s', async (id, verdict) => {
      for (const [method, rest] of [
        ...([
          ['GET', ''],
          ['GET', '/logs'],
          ['GET', '/events'],
          ['GET', '/bundle.js'],
        ] as const),
        ...([
          ['POST', '/enable'],
          ['POST', '/disable'],
          ['POST', '/kv'],
        ] as const),
      ] as const) {
        // without an id and anything after it, it is the list itself
        if (id === '' && rest === '') continue;
        const body = rest === '/kv' ? '{"action":"get","key":"k"}' : undefined;
        const answer = await send(method, `/api/plugins/${id}${rest}`, body);
        const { status, code } = problemOf(answer);
        expect(`${method} ${rest} ${status} ${code}`).toContain(`${method} ${rest} ${verdict}`);
      }
    });

    it('[API-6] nothing of them became a file', () => {
      expect(files().filter((name) => !/sqlite-(wal|shm)$/.test(name))).toEqual(
        before.filter((name) => !/sqlite-(wal|shm)$/.test(name)),
      );
    });
  });

  it.each(BAD_QUERIES)('[API-6] %s is refused with the name of the input', async (target) => {
    const problem = problemOf(await send('GET', target));

    expect([problem.status, problem.code]).toEqual([400, 'validation_failed']);
    expect(problem.errors?.length).toBeGreaterThan(0);
    expect(problem.instance).not.toContain('?');
  });

  it.each([
    ['an unknown field', '{"action":"get","key":"k","ttl":5}', '400 validation_failed'],
    ['a missing field', '{"action":"get"}', '400 validation_failed'],
    ['a list', '[{"action":"get","key":"k"}]', '400 validation_failed'],
    ['text', '"get"', '400 malformed_request'],
    ['broken JSON', '{"action":"get"', '400 malformed_request'],
    ['nothing', '', '400 validation_failed'],
  ])('[API-6] a body with %s', async (_, body, verdict) => {
    const { status, code, detail } = problemOf(await send('POST', '/api/plugins/good/kv', body));

    expect(`${status} ${code}`).toBe(verdict);
    if (code === 'malformed_request') expect(detail).toBe('The body is not valid JSON.');
  });

  it.each([
    ['{"action":"get","key":""}', 'kv_key_invalid'],
    ['{"action":"set","key":"k","value":"\\ud800"}', 'kv_value_invalid'],
    ['{"action":"get","store":"plugin","key":""}', 'kv_key_invalid'],
  ])('[PRO-4] [KV-7] what is wrong with stored data names the plugin: %s', async (body, code) => {
    expect(problemOf(await send('POST', '/api/plugins/GOOD/kv', body))).toMatchObject({ code, plugin: 'good' });
  });

  it('[API-6] faults 18: what cannot be decoded is told in our own words', async () => {
    const path = problemOf(await send('GET', '/api/plugins/%c0%af/logs'));
    expect(path.detail).toMatch(/^The request cannot be read/);
    const zipped = await rawRequest(host.url, '/api/plugins/good/kv', {
      method: 'POST',
      headers: { cookie, 'x-requested-with': 'test', 'content-type': 'application/json', 'content-encoding': 'gzip' },
      body: 'no gzip',
    });
    expect(problemOf(zipped).detail).toMatch(/^The request cannot be read/);
  });

  it('[API-6] a prototype in a body or a query is refused by name and has no effect', async () => {
    const other = '"__proto__":{"key":"other","value":"x"},"constructor":{"prototype":{"key":"other"}}';
    const set = problemOf(
      await send('POST', '/api/plugins/good/kv', `{"action":"set","key":"own","value":"v",${other}}`),
    );
    expect([set.status, set.code, set.errors?.map(({ path }) => path)]).toEqual([
      ...[400, 'validation_failed'],
      ['__proto__', 'constructor'],
    ]);
    const query = problemOf(await send('GET', '/api/events?__proto__=1&page_size=1'));
    expect([query.status, query.code]).toEqual([400, 'validation_failed']);
    const get = async (key: string): Promise<unknown> =>
      JSON.parse((await send('POST', '/api/plugins/good/kv', `{"action":"get","key":"${key}"}`)).text);
    expect([await get('own'), await get('other')]).toEqual([{ value: null }, { value: null }]);
  });

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'application/xml', 'application/jsonx', 'x'])(
    '[API-6] a body of the type %s is refused',
    async (type) => {
      const problem = problemOf(await send('POST', '/api/plugins/good/kv', '{"action":"get","key":"k"}', type));

      expect([problem.status, problem.code]).toEqual([415, 'unsupported_body']);
    },
  );

  it('[API-6] a character set that is not known is refused', async () => {
    const problem = problemOf(await send('POST', '/api/auth/tokens', '{}', 'application/json; charset=x-mine'));

    expect([problem.status, problem.code]).toEqual([415, 'unsupported_body']);
  });

  it('[API-6] a body that is too large is refused', async () => {
    const json = JSON.stringify({ name: 'n'.repeat(70_000), role: 'viewer' });
    const problem = problemOf(await send('POST', '/api/auth/tokens', json));

    expect([problem.status, problem.code]).toEqual([413, 'payload_too_large']);
  });

  it.each([
    ['DELETE', '/api/plugins/good'],
    ['PUT', '/api/plugins'],
    ['GET', '/api/plugins/good/enable'],
    ['GET', '/api/nothing'],
    ['POST', '/health/live'],
    ['GET', '/console/no-such-file.js'],
  ])('[API-6] %s %s is not there, as a problem document', async (method, target) => {
    const problem = problemOf(await send(method, target));

    expect([404, 405]).toContain(problem.status);
  });

  it('[API-6] a request id comes from the host, whatever the client says', async () => {
    const headers = { cookie, 'x-request-id': 'forged' };
    const answer = await rawRequest(host.url, '/api/plugins/nobody', { headers });

    expect(problemOf(answer).request_id).toMatch(UUID);
  });
});

function problemOf({ headers, text, status }: RawAnswer): ProblemDetails {
  expect(headers['content-type']).toMatch(/^application\/problem\+json/);
  expect(headers['x-content-type-options']).toBe('nosniff');
  const problem = JSON.parse(text) as ProblemDetails;
  expect(problem.status).toBe(status);
  return problem;
}
