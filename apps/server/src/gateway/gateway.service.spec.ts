import type { ErrorCode, PluginState } from '@toru/contracts';
import { AppError } from '../common';
import { GatewayFixture, head, reply, TOKEN, problemOf } from './testing/gateway-fixture';
import { ODD_PATHS } from './testing/odd-paths';

let host: GatewayFixture;

async function start(options: ConstructorParameters<typeof GatewayFixture>[0] = {}): Promise<void> {
  host = new GatewayFixture(options);
  await host.start();
}
afterEach(() => host.stop());

describe('routing', () => {
  beforeEach(() => start());

  it.each(ODD_PATHS)('[RTE-1] [RTE-2] [RTE-3] [RTE-4] faults 21: $target', async ({ target, outcome }) => {
    const answer = await host.request(target);
    const given = host.acme.received.map(({ request }) => request.path);
    if (outcome.by === 'plugin') {
      expect(given).toEqual([outcome.given]);
      expect(answer).toMatchObject({ status: 200, body: 'hello' });
      return;
    }
    expect(given).toEqual([]);
    if (outcome.by === 'host') {
      expect(answer.body).toBe(`host ${target}`);
      expect(answer.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
    } else {
      expect(problemOf(answer)).toMatchObject({ status: outcome.status, code: outcome.code });
    }
  });

  it('[RTE-1] [PRO-3] any method, with its headers and body', async () => {
    for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND', 'QUERY']) {
      const body = method === 'GET' ? '' : 'žluťoučký\n\u0000';
      const answer = await host.request('/plugins/acme/x', { method, headers: { 'X-Mine': method }, body });
      expect(answer.status).toBe(200);
      expect(host.acme.received.pop()?.request).toMatchObject({
        method,
        path: '/acme/x',
        headers: { 'x-mine': method },
        body: body === '' ? null : body,
      });
    }
  });

  it('[PRO-3] status, headers and body of the plugin reach the client', async () => {
    host.acme.answer = () => Promise.resolve(reply({ status: 418, headers: { 'X-Tea': 'yes' }, body: 'čaj' }));
    const answer = await host.request('/plugins/acme');
    expect(answer).toMatchObject({ status: 418, body: 'čaj' });
    expect(answer.headers.get('x-tea')).toBe('yes');
    expect(answer.headers.get('content-length')).toBe('4');
    expect(answer.headers.get('x-request-id')).toBe(host.acme.received[0]?.options.requestId);
    expect(host.acme.headers).toMatchObject({
      'x-request-id': answer.headers.get('x-request-id'),
    });
  });

  it('writes one line for each plugin request, without query and headers', async () => {
    await host.request('/plugins/acme/x?secret=1');
    expect(await host.accessLog.first()).toEqual({
      method: 'GET',
      path: '/plugins/acme/x',
      plugin: 'acme',
      status: 200,
      duration_ms: expect.any(Number) as number,
      user: 'ada',
      request_id: host.acme.received[0]?.options.requestId,
      bytes: 5,
    });
  });
});

describe('plugins that do not answer', () => {
  beforeEach(() => start());

  it.each<[PluginState, number, ErrorCode]>([
    ['invalid', 404, 'plugin_disabled'],
    ['disabled', 404, 'plugin_disabled'],
    ['starting', 503, 'plugin_unavailable'],
    ['backoff', 503, 'plugin_unavailable'],
    ['stopping', 503, 'plugin_unavailable'],
    ['failed', 503, 'plugin_unavailable'],
  ])('[PRO-4] a plugin that is %s: %i %s', async (state, status, code) => {
    Object.assign(host.acme, { state, reason: 'it said so', retryAfterSeconds: 4 });
    const answer = await host.request('/plugins/acme/x');
    expect(problemOf(answer)).toMatchObject({ status, code, plugin: 'acme', instance: '/plugins/acme/x' });
    expect(problemOf(answer).detail).toContain('it said so');
    expect(answer.headers.get('retry-after')).toBe(status === 503 ? '4' : undefined);
    expect(host.acme.received).toEqual([]);
  });

  it('[PRO-4] an unhealthy plugin is asked', async () => {
    host.acme.state = 'unhealthy';
    expect((await host.request('/plugins/acme/x')).status).toBe(200);
  });

  it('[PRO-4] why a plugin does not run is not for everybody', async () => {
    Object.assign(host.acme, { state: 'backoff', reason: 'secret reason' });
    const answer = await host.raw(head('POST', '/plugins/acme/hook/x'));
    expect(problemOf(answer)).toMatchObject({ status: 503, plugin: 'acme' });
    expect(answer.body).not.toContain('secret reason');
  });

  it.each<[ErrorCode, number]>([
    ['plugin_error', 502],
    ['plugin_unavailable', 503],
    ['plugin_busy', 503],
    ['plugin_timeout', 504],
  ])('[PRO-4] faults 24: %s is a %i, and a POST is sent once', async (code, status) => {
    host.acme.answer = () => Promise.reject(new AppError(code, 'It did not work.', { retryAfterSeconds: 2 }));
    const answer = await host.request('/plugins/acme/x', { method: 'POST', body: 'x' });
    expect(problemOf(answer)).toMatchObject({ status, code, plugin: 'acme', detail: 'It did not work.' });
    expect(answer.headers.get('retry-after')).toBe('2');
    expect(host.acme.received).toHaveLength(1);
  });

  it('[PRO-4] an unforeseen error tells the client nothing', async () => {
    host.acme.answer = () => Promise.reject(new TypeError('inner secret'));
    const answer = await host.request('/plugins/acme/x');
    expect(problemOf(answer)).toMatchObject({ status: 500, code: 'internal' });
    expect(answer.body).not.toContain('inner secret');
  });

  it.each([
    ['status 99', reply({ status: 99 })],
    ['status 101', reply({ status: 101 })],
    ['status NaN', reply({ status: NaN })],
    ['a header with a line break', reply({ headers: { 'x-a': 'b\r\nset-cookie: c=d' } })],
    ['a header name with a space', reply({ headers: { 'x a': 'b' } })],
    ['half a surrogate pair', reply({ body: '\ud800' })],
  ])('[PRO-4] faults 19: %s is a 502, and the connection goes on', async (_, response) => {
    const connection = host.open();
    host.acme.answer = () => Promise.resolve(response);
    connection.socket.write(head('GET', '/plugins/acme/x', { authorization: TOKEN }));
    expect(problemOf(await connection.answer())).toMatchObject({ status: 502, code: 'plugin_error', plugin: 'acme' });
    connection.socket.write(head('GET', '/host'));
    expect((await connection.answer()).body).toBe('host /host');
  });

  it('[SUP-7] a host that stops refuses new requests and waits for those in flight', async () => {
    let finish: () => void = () => undefined;
    const asked = new Promise<void>((resolve) => {
      host.acme.answer = () => {
        resolve();
        return new Promise((done) => (finish = () => done(reply())));
      };
    });
    const first = host.request('/plugins/acme/slow');
    await asked;
    const drained = host.gateway.drain();
    expect(problemOf(await host.request('/plugins/acme/late'))).toMatchObject({ status: 503, code: 'shutting_down' });
    finish();
    expect((await first).status).toBe(200);
    await drained;
    expect(host.acme.received).toHaveLength(1);
  });
});

describe('answers without a body', () => {
  beforeEach(() => start());

  it.each([
    ['HEAD', reply(), '5'],
    ['HEAD', reply({ body: null, headers: { 'content-length': '77' } }), '77'],
    ['GET', reply({ status: 204, headers: { 'content-length': '5' } }), undefined],
    ['GET', reply({ status: 304, headers: { etag: '"a"' } }), undefined],
    ['GET', reply({ status: 205 }), '0'],
    ['GET', reply({ body: null }), '0'],
  ])('[PRO-3] faults 19: %s, %j: the next answer on the connection is read right', async (method, response, length) => {
    host.acme.answer = () => Promise.resolve(response);
    const connection = host.open();
    connection.socket.write(head(method, '/plugins/acme/x', { authorization: TOKEN }));
    const answer = await connection.answer(method === 'HEAD');
    expect(answer.status).toBe(response.status);
    expect(answer.headers.get('content-length')).toBe(length);
    expect(answer.headers.has('transfer-encoding')).toBe(false);
    connection.socket.write(head('GET', '/next'));
    expect((await connection.answer()).body).toBe('host /next');
  });
});
