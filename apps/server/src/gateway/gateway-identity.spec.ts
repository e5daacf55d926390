import { GatewayFixture, head, reply, TOKEN, problemOf } from './testing/gateway-fixture';

let host: GatewayFixture;

async function start(options: ConstructorParameters<typeof GatewayFixture>[0] = {}): Promise<void> {
  host = new GatewayFixture(options);
  await host.start();
}
afterEach(() => host.stop());

describe('identity', () => {
  beforeEach(() => start());

  it.each(['/plugins/acme/x', '/plugins/nobody', '/api/plugins/acme/x', '/api/plugins/nobody/x', '/plugins/acme/hook'])(
    '[RTE-5] %s needs a caller, whether or not there is such a plugin',
    async (target) => {
      const answer = await host.raw(head('GET', target));
      const problem = problemOf(answer);
      expect(problem).toMatchObject({ status: 401, code: 'unauthenticated' });
      expect(problem).not.toHaveProperty('plugin');
      expect(host.acme.received).toEqual([]);
    },
  );

  it.each([
    ['csrf_refused', { cookie: 's=1', 'sec-fetch-site': 'cross-site' }],
    ['password_change_required', { cookie: 's=pending' }],
  ])('[RTE-5] faults 27: refuses with %s', async (code, headers) => {
    expect(problemOf(await host.raw(head('POST', '/plugins/acme/x', headers)))).toMatchObject({ status: 403, code });
    expect(host.acme.received).toEqual([]);
  });

  it.each(['/plugins/acme/hook/x', '/api/plugins/route/acme/hook/x', '/api/plugins/acme/hook/x'])(
    '[RTE-5] %s is public, in every form',
    async (target) => {
      expect((await host.raw(head('POST', target, { 'X-Toru-User': 'root' }))).status).toBe(200);
      expect(host.acme.headers).not.toHaveProperty('x-toru-user');
    },
  );

  it.each([
    ['a valid token', { authorization: TOKEN }, 'ada'],
    ['a wrong credential', { authorization: 'Bearer other' }, undefined],
    ['a request of another site', { cookie: 's=1', 'sec-fetch-site': 'cross-site' }, undefined],
    ['a first password', { cookie: 's=pending' }, undefined],
  ])('[RTE-5] on a public path %s gives the user %j %s', async (_, headers, user) => {
    expect((await host.raw(head('POST', '/plugins/acme/hook/x', headers))).status).toBe(200);
    expect(host.acme.headers['x-toru-user']).toBe(user);
  });

  it("[RTE-5] faults 22: spoofed headers are overwritten, the host's cookie and token never reach a plugin", async () => {
    await host.request('/plugins/acme/x', {
      headers: {
        cookie: 'session=secret',
        'X-Toru-User': 'root',
        x_toru_role: 'owner',
        'X-Forwarded-For': '1.2.3.4',
        'X-Forwarded-Host': 'evil.example',
        Forwarded: 'for=1.2.3.4',
        'X-Request-Id': 'mine',
        Connection: 'keep-alive, X-Toru-Role, X-Hop',
        'X-Hop': '1',
        TE: 'trailers',
      },
    });
    expect({ ...host.acme.headers }).toEqual({
      host: 'toru.test',
      traceparent: expect.stringMatching(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/) as string,
      'x-toru-user': 'ada',
      'x-toru-user-id': 'u1',
      'x-toru-role': 'admin',
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-host': 'toru.test',
      'x-forwarded-proto': 'http',
      'x-forwarded-prefix': '/plugins',
      'x-request-id': host.acme.received[0]?.options.requestId,
    });
  });

  it('faults 19, 22, 23: what a plugin may not say for the origin does not reach the client', async () => {
    host.acme.answer = () =>
      Promise.resolve(
        reply({
          headers: {
            'Content-Type': 'text/html',
            'Set-Cookie': 'session=fixed',
            'Access-Control-Allow-Origin': '*',
            'Content-Security-Policy': 'default-src *',
            'Clear-Site-Data': '"*"',
            'Transfer-Encoding': 'chunked',
            'Content-Length': '99',
            Connection: 'X-Hop',
            'X-Hop': '1',
          },
        }),
      );
    const answer = await host.request('/plugins/acme/page');
    expect(answer.body).toBe('hello');
    expect(Object.fromEntries(answer.headers)).toEqual({
      'content-type': 'text/html',
      'content-security-policy': expect.stringMatching(/^sandbox allow-scripts /) as string,
      'content-length': '5',
      'x-content-type-options': 'nosniff',
      'cross-origin-resource-policy': 'same-origin',
      'cache-control': 'private, no-cache',
      'x-request-id': host.acme.received[0]?.options.requestId,
      date: expect.any(String) as string,
      connection: 'keep-alive',
      'keep-alive': expect.any(String) as string,
    });
  });
});

describe('upgrade', () => {
  beforeEach(() => start());
  const upgrade = { connection: 'Upgrade', upgrade: 'WebSocket', 'sec-websocket-version': '13' };

  it.each([
    ['/plugins/acme/live', { authorization: TOKEN }, 501, 'upgrade_unsupported'],
    ['/plugins/acme/live', {}, 401, 'unauthenticated'],
    ['/plugins/nobody/live', { authorization: TOKEN }, 404, 'route_not_found'],
    ['/plugins/acme/../x', { authorization: TOKEN }, 400, 'malformed_path'],
  ])('[RTE-5] a WebSocket to %s with %j: %i', async (target, headers, status, code) => {
    expect(problemOf(await host.raw(head('GET', target, { ...upgrade, ...headers })))).toMatchObject({ status, code });
    expect(host.acme.received).toEqual([]);
  });

  it('a client that merely offers HTTP/2 is served', async () => {
    const offer = { connection: 'Upgrade, HTTP2-Settings', upgrade: 'h2c', 'http2-settings': 'AAMAAABk' };
    expect((await host.request('/plugins/acme/x', { headers: offer })).body).toBe('hello');
    expect(Object.keys(host.acme.headers)).not.toContain('upgrade');
    expect((await host.request('/host', { headers: offer })).body).toBe('host /host');
  });
});
