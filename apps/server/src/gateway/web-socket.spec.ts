import { once } from 'node:events';
import { randomBytes } from 'node:crypto';
import type { ReceiveStream } from '@toru/protocol';
import { GatewayFixture, head, problemOf, TOKEN, type Connection } from './testing/gateway-fixture';
import { ACCEPTED, echo, StreamingPlugin } from './testing/streaming-plugin';

const OFFER = {
  ...{ connection: 'keep-alive, Upgrade', upgrade: 'WebSocket' },
  ...{ 'sec-websocket-version': '13', 'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==' },
};
const SIGNED_IN = { ...OFFER, authorization: TOKEN };

let host: GatewayFixture;
let plugin: StreamingPlugin;

async function start(
  options: ConstructorParameters<typeof GatewayFixture>[0] = {},
  made: StreamingPlugin = new StreamingPlugin(),
): Promise<void> {
  host = new GatewayFixture(options);
  plugin = made;
  plugin.handler = echo;
  await Promise.all([host.start(), plugin.start()]);
  host.acme.stream = plugin.channel;
}
afterEach(async () => {
  await host.stop();
  await plugin.stop();
});

/** A connection with a WebSocket on it, whose answer has been read. */
async function opened(target = '/plugins/acme/live', headers: Record<string, string> = {}): Promise<Connection> {
  const connection = host.open();
  connection.socket.write(head('GET', target, { ...SIGNED_IN, ...headers }));
  expect((await connection.answer()).status).toBe(101);
  return connection;
}

describe('WebSockets', () => {
  beforeEach(() => start());

  it.each([
    ['/plugins/acme/live?x=1', '/acme/live?x=1', '/acme', '/plugins'],
    ['/api/plugins/route/acme/live', '/live', '', '/api/plugins/route/acme'],
    ['/api/plugins/acme/live', '/live', '', '/api/plugins/acme'],
  ])('[RTE-6] [RTE-1] [RTE-2] [RTE-3] a handshake to %s reaches the plugin', async (target, path, base, prefix) => {
    await opened(target, { cookie: 'toru_session=secret', 'x-toru-user': 'evil', 'sec-websocket-protocol': 'chat' });

    const [request] = plugin.received;
    expect(request).toMatchObject({ upgrade: true, method: 'GET', path, base, remote: '127.0.0.1' });
    expect(request?.user).toEqual({ id: 'u1', name: 'ada', role: 'admin' });
    expect(Object.fromEntries(request?.headers ?? [])).toEqual({
      ...{ host: 'toru.test', 'x-forwarded-host': 'toru.test', 'x-forwarded-proto': 'http' },
      ...{ 'x-forwarded-for': '127.0.0.1', 'x-forwarded-prefix': prefix },
      ...{ 'x-request-id': expect.any(String) as string, traceparent: expect.any(String) as string },
      ...{ 'x-toru-user': 'ada', 'x-toru-user-id': 'u1', 'x-toru-role': 'admin' },
      ...{ connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-protocol': 'chat' },
      ...{ 'sec-websocket-version': '13', 'sec-websocket-key': OFFER['sec-websocket-key'] },
    });
  });

  it('[RTE-6] faults 22: the plugin sets no cookies and policies with its 101', async () => {
    const connection = host.open();
    connection.socket.write(head('GET', '/plugins/acme/live', SIGNED_IN));
    const answer = await connection.answer();

    expect(Object.fromEntries(answer.headers)).toEqual({
      ...{ connection: 'Upgrade', upgrade: 'websocket', 'x-own': 'yes' },
      'sec-websocket-accept': ACCEPTED['sec-websocket-accept'],
      'sec-websocket-protocol': 'chat',
      'x-request-id': plugin.received[0]?.requestId === undefined ? '' : (expect.any(String) as string),
    });
  });

  it('[RTE-6] bytes behind the handshake are not lost, and both ends are heard one by one', async () => {
    const connection = host.open();
    const bytes = randomBytes(300_000).toString('base64');
    connection.socket.write(`${head('GET', '/plugins/acme/live', SIGNED_IN)}${bytes.slice(0, 5)}`);
    await connection.answer();
    connection.socket.end(bytes.slice(5));

    expect(await connection.rest()).toBe(bytes);
    expect(await host.accessLog.first()).toMatchObject({
      ...{ method: 'GET', path: '/plugins/acme/live', plugin: 'acme', status: 101, user: 'ada' },
      ...{ bytes: bytes.length, bytes_received: bytes.length, duration_ms: expect.any(Number) as number },
    });
  });

  it('[RTE-6] a client that leaves breaks both streams off', async () => {
    const closed = new Promise<Error | undefined>((resolve) => {
      plugin.handler = ({ body }) => ({
        ...{ status: 101, headers: {} },
        body: () => new Promise(() => (body as ReceiveStream).onClose(resolve)),
      });
    });
    (await opened()).socket.resetAndDestroy();
    expect(await closed).toMatchObject({ code: 'client_gone' });
    expect(await host.accessLog.first()).toMatchObject({ status: 101 });
  });

  it('[RTE-6] faults 10: a plugin that ends takes its WebSockets with it', async () => {
    const connection = await opened();
    await plugin.crash();
    expect(await connection.rest()).toBe('');
  });

  it('[RTE-6] [SUP-7] a host that drains takes no more, and does not wait for those that are open', async () => {
    const connection = await opened();
    await host.gateway.drain();
    host.gateway.endConnections();
    expect(await connection.rest()).toBe('');
    expect(problemOf(await host.raw(head('GET', '/plugins/acme/live', SIGNED_IN))).code).toBe('shutting_down');
  });

  it('[RTE-6] faults 27: a WebSocket ends when its caller is not let in any more', async () => {
    const connection = await opened('/plugins/acme/live');
    host.authenticator.revokeAll();
    expect(await connection.rest()).toBe('');
  });

  it('[RTE-6] faults 27: so does an answer that is streamed', async () => {
    plugin.handler = () => ({
      ...{ status: 200, headers: { 'content-type': 'text/event-stream' } },
      body: async (stream) => {
        await stream.write(Buffer.from('data: 1\n\n'));
        await new Promise(() => undefined);
      },
    });
    const connection = host.open();
    connection.socket.write(head('GET', '/plugins/acme/events', { authorization: TOKEN }));
    expect((await connection.answer()).status).toBe(200);
    host.authenticator.revokeAll();
    expect(await connection.rest()).not.toContain('0\r\n\r\n');
  });

  it('[RTE-5] [RTE-6] a public path takes WebSockets without a caller, and keeps them', async () => {
    const connection = await opened('/plugins/acme/hook/live', { authorization: 'none' });
    expect(plugin.received[0]?.user).toBeNull();
    host.authenticator.revokeAll();
    connection.socket.end('still here');
    expect(await connection.rest()).toBe('still here');
  });

  it('[RTE-6] an answer that is no 101 is sent as such, and the connection closed', async () => {
    plugin.handler = () => ({
      ...{ status: 426, headers: { 'sec-websocket-version': '13', 'set-cookie': 'a=b' } },
      body: Buffer.alloc(200_000, 'x'),
    });
    const connection = host.open();
    connection.socket.write(head('GET', '/plugins/acme/live', SIGNED_IN));
    const answer = await connection.rest();

    expect(answer).toMatch(/^HTTP\/1.1 426 Upgrade Required\r\n/);
    expect(answer.toLowerCase()).toContain('\r\nconnection: close\r\n');
    expect(answer.toLowerCase()).not.toContain('set-cookie');
    expect(answer.replaceAll(/[^x]|\r\nx-[^\r]*/g, '').length).toBeGreaterThanOrEqual(200_000);
    expect(await host.accessLog.first()).toMatchObject({ status: 426, bytes: 200_000 });
  });

  it.each([
    ['a header that HTTP cannot carry', { 'x-own': 'a\u0001b' }],
    ['too many headers', Object.fromEntries(Array.from({ length: 101 }, (_, i) => [`x-${i}`, 'x']))],
  ])('faults 19: a 101 with %s is a 502', async (_, headers) => {
    plugin.handler = () => ({ status: 101, headers, body: () => new Promise(() => undefined) });
    expect(problemOf(await host.raw(head('GET', '/plugins/acme/live', SIGNED_IN)))).toMatchObject({
      ...{ status: 502, code: 'plugin_error', plugin: 'acme' },
    });
  });

  it('faults 19: a handshake behind a request that is not answered yet ends the connection', async () => {
    plugin.handler = ({ upgrade }) => (upgrade ? { status: 500, headers: {} } : new Promise(() => undefined));
    const connection = host.open();
    const slow = head('GET', '/plugins/acme/slow', { authorization: TOKEN });
    connection.socket.write(slow + head('GET', '/plugins/acme/live', SIGNED_IN));
    expect(await connection.rest()).toBe('');
  });

  it('[RTE-6] a handshake on a connection that was used before', async () => {
    plugin.handler = (request) => (request.upgrade ? echo(request) : { status: 204, headers: {} });
    const connection = host.open();
    connection.socket.write(head('GET', '/plugins/acme/x', { authorization: TOKEN }));
    expect((await connection.answer()).status).toBe(204);
    connection.socket.write(`${head('GET', '/plugins/acme/live', SIGNED_IN)}abc`);
    expect((await connection.answer()).status).toBe(101);
    connection.socket.end();
    expect(await connection.rest()).toBe('abc');
  });

  it.each([
    ['HTTP/2', { connection: 'Upgrade, HTTP2-Settings', upgrade: 'h2c', 'http2-settings': 'AAMAAABk' }],
    ['a WebSocket with a body', OFFER],
  ])('a request that offers %s is served, body and all', async (_, offer) => {
    plugin.handler = ({ body, method }) => ({ status: 200, headers: { 'x-method': method }, body: body as Uint8Array });
    const connection = host.open();
    const text = head('POST', '/plugins/acme/x', { ...offer, authorization: TOKEN, 'content-length': '5' });
    connection.socket.write(`${text}he`);
    await once(host.server, 'upgrade');
    connection.socket.write('llo');

    expect(await connection.answer()).toMatchObject({ status: 200, body: 'hello' });
    expect(plugin.received[0]?.headers.has('upgrade')).toBe(false);
    connection.socket.write(head('GET', '/host', offer));
    expect(await connection.answer()).toMatchObject({ status: 200, body: 'host /host' });
  });
});

describe('WebSockets where one side reads nothing', () => {
  beforeEach(() => start({ sendIdleMs: 300 }));
  /** Far more than all buffers on the way hold: two windows of the protocol, and those of the system. */
  const MUCH = 256 * 1024 * 1024;

  it('[RTE-6] faults 20: the client: the plugin is slowed down, and both end', async () => {
    let sent = 0;
    const error = new Promise<Error | undefined>((resolve) => {
      plugin.handler = () => ({
        ...{ status: 101, headers: {} },
        body: async (stream) => {
          stream.onClose(resolve);
          const chunk = Buffer.alloc(64 * 1024);
          for (; sent < MUCH; sent += chunk.length) await stream.write(chunk);
        },
      });
    });
    (await opened()).socket.pause();

    expect(await error).toMatchObject({ code: 'client_gone' });
    expect(sent).toBeLessThan(MUCH / 4);
  });

  it('[RTE-6] faults 9: the plugin: the client is slowed down, and both end', async () => {
    plugin.handler = () => ({ status: 101, headers: {}, body: () => new Promise(() => undefined) });
    const { socket } = await opened();
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.write(Buffer.alloc(MUCH / 4));
    await closed;

    const { bytes_received: received } = await host.accessLog.first();
    expect(received).toBeGreaterThan(0);
    expect(received).toBeLessThan(2 * 1024 * 1024);
  });
});

describe('WebSockets that are refused', () => {
  it.each([
    ['/plugins/acme/live', {}, 401, 'unauthenticated'],
    ['/plugins/nobody/live', { authorization: TOKEN }, 404, 'route_not_found'],
    ['/plugins/nobody/live', {}, 401, 'unauthenticated'],
    ['/plugins/acme/../x', { authorization: TOKEN }, 400, 'malformed_path'],
    ['/plugins/acme/x%2fy', { authorization: TOKEN }, 400, 'malformed_path'],
    ['/plugins/other/live', { authorization: TOKEN }, 501, 'upgrade_unsupported'],
  ])('[RTE-5] [RTE-6] to %s with %j: %i', async (target, headers, status, code) => {
    await start();
    const answer = await host.raw(head('GET', target, { ...OFFER, ...headers }));
    expect(problemOf(answer)).toMatchObject({ status, code });
    expect(plugin.received).toEqual([]);
  });

  it('[RTE-6] [PRO-6] by a plugin that has not said that it takes any: it is not asked', async () => {
    await start({}, new StreamingPlugin(['stream']));
    expect(problemOf(await host.raw(head('GET', '/plugins/acme/live', SIGNED_IN)))).toMatchObject({
      ...{ status: 501, code: 'upgrade_unsupported', plugin: 'acme' },
    });
    expect(plugin.received).toEqual([]);
  });

  it('[RTE-6] beyond the number that a plugin may have, until one ends', async () => {
    await start({}, new StreamingPlugin(undefined, 1));
    const first = await opened();
    const refused = await host.raw(head('GET', '/plugins/acme/live', SIGNED_IN));
    expect(problemOf(refused)).toMatchObject({ status: 503, code: 'plugin_busy' });
    expect(refused.headers.get('retry-after')).toBe('5');
    first.socket.end();
    await first.rest();
    await opened();
  });

  it('[RTE-6] by a plugin that does not answer in time', async () => {
    await start({ exchangeTimeoutMs: 50 });
    plugin.handler = () => new Promise(() => undefined);
    expect(problemOf(await host.raw(head('GET', '/plugins/acme/live', SIGNED_IN))).code).toBe('plugin_timeout');
  });
});

describe('a plugin without streams', () => {
  it.each([
    [65_536, 200],
    [65_537, 413],
  ])('[PRO-6] [PRO-7] is given a chunked body of %i bytes: %i', async (size, status) => {
    await start({}, new StreamingPlugin([]));
    plugin.handler = ({ body }) => ({
      status: 200,
      headers: {},
      body: Buffer.from(String((body as Uint8Array).length)),
    });
    const bytes = `${size.toString(16)}\r\n${'x'.repeat(size)}\r\n0\r\n\r\n`;
    const text = head('POST', '/plugins/acme/x', { authorization: TOKEN, 'transfer-encoding': 'chunked' });
    const answer = await host.raw(text + bytes);

    expect(answer.status).toBe(status);
    if (status === 200) expect(answer.body).toBe('65536');
    else
      expect(problemOf(answer)).toMatchObject({
        code: 'payload_too_large',
        detail: expect.stringMatching(/streams/) as string,
      });
    expect(plugin.received).toHaveLength(status === 200 ? 1 : 0);
  });
});
