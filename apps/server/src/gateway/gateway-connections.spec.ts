import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { OutgoingResponse } from '@toru/protocol';
import { FakeClock } from '@toru/testing';
import { DEFAULT_GATEWAY_OPTIONS, limitsOfOptions } from './gateway-options';
import { GatewayFixture, head, problemOf, TOKEN, type Connection } from './testing/gateway-fixture';
import { readAll, StreamingPlugin } from './testing/streaming-plugin';

let host: GatewayFixture;
let plugin: StreamingPlugin;

beforeEach(async () => {
  host = new GatewayFixture({ lingerMs: 20_000 });
  plugin = new StreamingPlugin();
  await Promise.all([host.start(), plugin.start()]);
  host.acme.stream = plugin.channel;
});
afterEach(async () => {
  await host.stop();
  await plugin.stop();
});

const SIZE = 3_000_000;
const UPLOAD = head('POST', '/plugins/acme/x', { authorization: TOKEN, 'content-length': String(SIZE) });

/** The next request on the connection is answered, so nothing of the one before was left on it. */
async function expectReusable(connection: Connection): Promise<void> {
  connection.socket.write(head('GET', '/host'));
  expect((await connection.answer()).body).toBe('host /host');
}

describe('an answer before the plugin had all of the request', () => {
  it.each<[string, OutgoingResponse, string]>([
    ['short', { status: 403, headers: {}, body: Buffer.from('no') }, 'no'],
    ['without a body', { status: 204, headers: {} }, ''],
    [
      'of known length',
      {
        status: 200,
        headers: { 'content-length': '4' },
        body: (s) => void s.write(Buffer.from('done')).then(() => s.end()),
      },
      'done',
    ],
  ])('[RTE-6] faults 20: %s: goes out at once, and its connection ends with the request', async (_, response, body) => {
    plugin.handler = () => response;
    const connection = host.open();
    connection.socket.write(UPLOAD + 'x'.repeat(100_000));
    const answer = await connection.answer();
    expect(answer).toMatchObject({ status: response.status, body });
    expect(answer.headers.get('connection')).toBe('close');
    // a client that reads only when it has sent everything must not be met by a reset
    connection.socket.write('x'.repeat(SIZE - 100_000) + head('GET', '/host'));
    expect(await connection.rest()).toBe('');
  });

  it('[RTE-6] faults 20: a client that never sends the rest is waited for no longer than a while', async () => {
    await host.stop();
    host = new GatewayFixture({ lingerMs: 20 });
    await host.start();
    host.acme.stream = plugin.channel;
    plugin.handler = () => ({ status: 403, headers: {} });
    const connection = host.open();
    connection.socket.write(UPLOAD);
    expect((await connection.answer()).status).toBe(403);
    expect(await connection.rest()).toBe('');
  });
});

it('[PRO-4] a request that is refused before its body was read ends its connection', async () => {
  host.acme.state = 'disabled';
  const connection = host.open();
  connection.socket.write(head('POST', '/plugins/acme/x', { authorization: TOKEN, 'content-length': '2' }));
  const answer = await connection.answer();
  expect(problemOf(answer).status).toBe(404);
  expect(answer.headers.get('connection')).toBe('close');
  connection.socket.write(`ok${head('GET', '/host')}`);
  expect(await connection.rest()).toBe('');
});

describe('a request of which every byte was read', () => {
  it.each<[string, () => OutgoingResponse | Promise<OutgoingResponse>, number]>([
    ['is answered', () => ({ status: 200, headers: {} }), 200],
    ['is answered with what HTTP cannot carry', () => ({ status: 200, headers: { 'x-a': 'b\r\nc' } }), 502],
    ['fails', () => Promise.reject(new Error('no')), 500],
  ])('[PRO-4] leaves its connection for the next one when it %s', async (_, handler, status) => {
    plugin.handler = async (request) => {
      await readAll(request.body);
      return handler();
    };
    const connection = host.open();
    connection.socket.write(UPLOAD + 'x'.repeat(SIZE));
    const answer = await connection.answer();
    expect(answer.status).toBe(status);
    expect(answer.headers.get('connection')).not.toBe('close');
    await expectReusable(connection);
  });

  it.each([
    ['meets a busy plugin', () => (host.acme.limits = () => ({ ...NO_LIMITS, concurrency: 0, queue: 0 })), 503],
    ['meets a plugin that does not answer', () => (host.acme.limits = () => ({ ...NO_LIMITS, firstByteMs: 20 })), 504],
  ])('[PRO-4] leaves its connection for the next one when it %s', async (_, arrange, status) => {
    plugin.handler = () => new Promise(() => undefined);
    arrange();
    const connection = host.open();
    connection.socket.write(head('POST', '/plugins/acme/x', { authorization: TOKEN, 'content-length': '2' }) + 'ok');
    const answer = await connection.answer();
    expect(problemOf(answer).status).toBe(status);
    await expectReusable(connection);
  });
});

const NO_LIMITS = limitsOfOptions(DEFAULT_GATEWAY_OPTIONS, true);

describe('an upload', () => {
  let clock: FakeClock;

  beforeEach(async () => {
    await host.stop();
    clock = new FakeClock();
    host = new GatewayFixture({}, clock);
    await host.start();
    host.acme.stream = plugin.channel;
  });

  it('[RTE-6] faults 20: of which nothing comes any more is a 408, not the fault of the plugin', async () => {
    const sent = 100_000;
    const taken = new Promise<void>((resolve) => {
      plugin.handler = async ({ path, body }) => {
        if (path !== '/acme/x') return { status: 204, headers: {} };
        let bytes = 0;
        for await (const chunk of body as AsyncIterable<Uint8Array>) if ((bytes += chunk.length) === sent) resolve();
        return { status: 200, headers: {} };
      };
    });
    const connection = host.open();
    connection.socket.write(UPLOAD + 'x'.repeat(sent));
    await taken;
    // whatever the host had to do to send the last of it is done when the plugin has answered something else
    expect((await host.request('/plugins/acme/other')).status).toBe(204);
    clock.advance(NO_LIMITS.firstByteMs);
    const answer = await connection.answer();
    expect(problemOf(answer)).toMatchObject({ status: 408, code: 'request_timeout' });
    expect(answer.headers.get('connection')).toBe('close');
    connection.socket.destroy();
    await once(connection.socket, 'close');
  });

  it('[RTE-6] faults 20: of which the plugin takes nothing is a 504', async () => {
    plugin.handler = () => new Promise(() => undefined);
    const asked = once(host.server, 'request') as Promise<[IncomingMessage]>;
    const connection = host.open();
    connection.socket.write(UPLOAD + 'x'.repeat(SIZE));
    const [request] = await asked;
    // what has come and is not taken at once waits for the plugin
    do await new Promise(setImmediate);
    while (request.readableLength === 0);
    clock.advance(NO_LIMITS.firstByteMs);
    expect(problemOf(await connection.answer())).toMatchObject({ status: 504, code: 'plugin_timeout' });
  });
});
