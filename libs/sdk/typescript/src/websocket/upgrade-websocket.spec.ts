import { once } from 'node:events';
import type { LogV2 } from '@toru/contracts';
import type { ReceiveStream } from '@toru/protocol';
import { type SendStream } from '@toru/protocol';
import { jest } from '@jest/globals';
import type { WebSocket } from 'ws';
import type { HttpHandler } from '../plugin-definition';
import { router } from '../router';
import { clientFrame } from '../testing/client-frame';
import { HostSide } from '../testing/host-side';
import { WebSocketGateway } from '../testing/websocket-gateway';
import type { ServerWebSocket, WebSocketClose } from './server-websocket';
import { upgradeWebSocket, type WebSocketHandler, type WebSocketOptions } from './upgrade-websocket';

const HANDSHAKE = {
  connection: 'Upgrade',
  upgrade: 'websocket',
  'sec-websocket-version': '13',
  'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
};

/** All but those of the pings. */
const REAL_TIMERS = [
  ...(['Date', 'hrtime', 'nextTick', 'performance', 'queueMicrotask', 'setImmediate', 'clearImmediate'] as const),
  ...(['setTimeout', 'clearTimeout'] as const),
];

const cleanUp: (() => unknown)[] = [];

beforeEach(() => void jest.spyOn(console, 'error').mockReturnValue());
afterEach(async () => {
  for (const step of cleanUp.splice(0).reverse()) await step();
  jest.restoreAllMocks();
});

interface Side {
  readonly host: HostSide;
  readonly gateway: WebSocketGateway;
  readonly logs: LogV2[];
  /** The plugin's end of the first connection, once its handler has it. */
  readonly socket: Promise<ServerWebSocket>;
}

async function start(http: HttpHandler): Promise<HostSide> {
  const host = await HostSide.start({ http });
  cleanUp.push(async () => {
    await host.connection.close();
    await host.exitStatus;
  });
  return host;
}

async function serve(handler: WebSocketHandler, options?: WebSocketOptions): Promise<Side> {
  const logs: LogV2[] = [];
  let given: (socket: ServerWebSocket) => void = () => undefined;
  const socket = new Promise<ServerWebSocket>((resolve) => (given = resolve));
  const http: HttpHandler = (request) =>
    upgradeWebSocket(
      request,
      (each) => {
        given(each);
        return handler(each);
      },
      options,
    );
  const host = await HostSide.start({ http }, { handlers: { log: (line) => logs.push(line) } });
  const gateway = await WebSocketGateway.start(host);
  cleanUp.push(async () => {
    gateway.close();
    await host.connection.close();
    await host.exitStatus;
  });
  return { host, gateway, logs, socket };
}

const echo: WebSocketHandler = async (socket) => {
  for await (const message of socket) await socket.send(message);
};
const untilClosed: WebSocketHandler = async (socket) => {
  await socket.closed;
};

async function open(client: WebSocket): Promise<WebSocket> {
  await once(client, 'open');
  return client;
}

function messagesOf(client: WebSocket, count: number): Promise<(string | Buffer)[]> {
  const messages: (string | Buffer)[] = [];
  return new Promise((resolve) => {
    client.on('message', (data: Buffer, isBinary: boolean) => {
      if (messages.push(isBinary ? data : data.toString()) === count) resolve(messages);
    });
  });
}

async function closeOf(client: WebSocket): Promise<[number, string]> {
  const [code, reason] = (await once(client, 'close')) as [number, Buffer];
  return [code, reason.toString()];
}

/** The host's side of an upgrade without a client: raw bytes both ways. */
async function raw(host: HostSide): Promise<{ toPlugin: SendStream; fromPlugin: ReceiveStream; status: number }> {
  let given: (stream: SendStream) => void = () => undefined;
  const opened = new Promise<SendStream>((resolve) => (given = resolve));
  const head = { method: 'GET', path: '/', base: '', headers: HANDSHAKE, user: null, remote: '' };
  const { body, status } = await host.connection.upgrade(head, { body: (stream) => given(stream) });
  return { toPlugin: await opened, fromPlugin: body as ReceiveStream, status };
}

async function rest(stream: ReceiveStream): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for (let chunk = await stream.read(); chunk; chunk = await stream.read()) chunks.push(chunk);
  return Buffer.concat(chunks);
}

describe('a WebSocket', () => {
  it('[RTE-6] [LANG-3] gives back text and bytes of every size, in order', async () => {
    const { gateway } = await serve(echo);
    const client = await open(gateway.connect('/'));
    const sent = ['', 'žluť 👋', Buffer.from([0, 255]), 'x'.repeat(126), Buffer.alloc(65_536, 3), 'y'.repeat(700_000)];
    const back = messagesOf(client, sent.length);
    for (const message of sent) client.send(message);

    expect(await back).toEqual(sent);
    client.close(4001, 'enough');
    expect(await closeOf(client)).toEqual([4001, '']);
  });

  it('[RTE-6] joins the fragments of a client', async () => {
    const { gateway } = await serve(echo);
    const client = await open(gateway.connect('/'));
    const back = messagesOf(client, 1);
    client.send('one ', { fin: false });
    client.send('two ', { fin: false });
    client.send('three');

    expect(await back).toEqual(['one two three']);
  });

  it('[RTE-6] tells the handler how it ended', async () => {
    const { gateway, socket } = await serve(echo);
    const client = await open(gateway.connect('/'));
    client.close(4001, 'enough');

    expect(await (await socket).closed).toEqual({ code: 4001, reason: 'enough', wasClean: true });
    expect(await (await socket).send('late')).toBe(false);
    expect(await (await socket).receive()).toBeUndefined();
  });

  it('[RTE-6] is closed by the plugin with a code and a reason, after what was sent before', async () => {
    const { gateway, socket } = await serve(async (each) => {
      void each.send('last words');
      expect(await each.close(4002, 'ž'.repeat(100))).toEqual({
        code: 4002,
        reason: expect.any(String),
        wasClean: true,
      });
    });
    const client = gateway.connect('/');
    const messages = messagesOf(client, 1);

    expect(await closeOf(client)).toEqual([4002, 'ž'.repeat(61)]);
    expect(await messages).toEqual(['last words']);
    expect((await socket).signal.aborted).toBe(true);
    const { close } = (await socket) as { close: ServerWebSocket['close'] };
    for (const code of [999, 1004, 1005, 1006, 1015, 2999, 5000, 1000.5]) {
      expect(() => void close(code)).toThrow(RangeError);
    }
  });

  it('[RTE-6] is closed with 1000 where the handler returns, with 1011 and a line in the log where it throws', async () => {
    const { gateway, logs } = await serve(async (socket) => {
      if ((await socket.receive()) === 'throw') throw new Error('a secret');
    });
    const good = await open(gateway.connect('/'));
    const bad = await open(gateway.connect('/'));
    good.send('return');
    bad.send('throw');

    expect(await Promise.all([closeOf(good), closeOf(bad)])).toEqual([
      [1000, ''],
      [1011, ''],
    ]);
    expect(logs).toMatchObject([{ level: 'error', error: { message: 'a secret' } }]);
  });

  it('[RTE-6] answers pings by itself, also while the handler is busy', async () => {
    const { gateway } = await serve(untilClosed);
    const client = await open(gateway.connect('/'));
    client.ping('are you there');

    expect(String((await once(client, 'pong'))[0])).toBe('are you there');
  });

  it('[RTE-6] pings a client, and gives one up that does not answer', async () => {
    // by their clock nobody is ever late, however busy the machine is
    jest.useFakeTimers({ doNotFake: REAL_TIMERS });
    cleanUp.push(() => jest.useRealTimers());
    const { gateway, host, socket } = await serve(untilClosed, { keepAliveMs: 20 });
    const alive = await open(gateway.connect('/'));
    for (let n = 0; n < 3; n++) {
      const ping = once(alive, 'ping');
      jest.advanceTimersByTime(20);
      await ping;
      // its pong goes through the gateway, and the plugin has it before what the host asks behind it
      for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
      await host.connection.ping(20_000);
    }
    expect(alive.readyState).toBe(alive.OPEN);
    alive.terminate();
    expect(await (await socket).closed).toMatchObject({ code: 1006, reason: 'The client has left', wasClean: false });

    const silent = await serve(untilClosed, { keepAliveMs: 20 });
    const deaf = await open(silent.gateway.connect('/', [], { autoPong: false }));
    const asked = once(deaf, 'ping');
    jest.advanceTimersByTime(20);
    await asked;
    jest.advanceTimersByTime(20);
    expect(await (await silent.socket).closed).toEqual({
      ...{ code: 1006, reason: 'The client does not answer', wasClean: false },
    });
  });

  it.each([
    ['a message over the limit', clientFrame({ opcode: 2, payload: Buffer.alloc(101) }), 1009],
    ['text that is not UTF-8', clientFrame({ opcode: 1, payload: Buffer.from([255]) }), 1007],
    ['a frame without a mask', clientFrame({ opcode: 1, payload: 'a', mask: null }), 1002],
  ])('[RTE-6] [PRO-8] ends with %s', async (_what, bytes, code) => {
    const { host, socket } = await serve(echo, { maxMessageBytes: 100 });
    const { toPlugin, fromPlugin, status } = await raw(host);
    await toPlugin.write(bytes);
    const answer = await rest(fromPlugin);
    toPlugin.end();

    expect(status).toBe(101);
    expect(answer[0]).toBe(0x88);
    expect(answer.readUInt16BE(2)).toBe(code);
    expect(await (await socket).closed).toMatchObject({ code, wasClean: false });
  });

  it('[RTE-6] ends abnormally where the client is gone without a word', async () => {
    const ended: WebSocketClose[] = [];
    const { gateway, socket, host, logs } = await serve(async (each) => {
      each.signal.addEventListener('abort', () => undefined);
      for await (const _message of each) continue;
      ended.push(await each.closed);
    });
    await open(gateway.connect('/'));
    const { closed } = await socket;
    gateway.cut();

    expect(await closed).toEqual({ code: 1006, reason: 'The client has left', wasClean: false });
    await host.connection.ping(20_000);
    expect(ended).toHaveLength(1);
    expect(logs).toEqual([]);
    expect(host.connection.load).toEqual({ requests: 0, serving: 0, streams: 0 });
  });

  it('[RTE-6] is given up where the client does not answer a goodbye, or does not hang up', async () => {
    const { host, socket } = await serve(untilClosed, { closeTimeoutMs: 20 });
    const first = await raw(host);
    const closed = (await socket).close();
    await expect(rest(first.fromPlugin)).rejects.toThrow('The client did not say goodbye');
    expect(await closed).toEqual({ code: 1006, reason: 'The client did not say goodbye', wasClean: false });

    const second = await raw(host);
    await second.toPlugin.write(clientFrame({ opcode: 8 }));
    expect([...(await rest(second.fromPlugin))]).toEqual([0x88, 0]);
    await new Promise((resolve) => second.toPlugin.onClose(resolve));
    expect(second.toPlugin.error).toMatchObject({ code: 'unwanted' });
  });

  it('[RTE-6] [PRO-7] makes a sender wait for a client that does not read', async () => {
    const { host, socket } = await serve(untilClosed, { maxBufferedBytes: 1_000_000 });
    const { fromPlugin } = await raw(host);
    const each = await socket;
    const first = each.send(Buffer.alloc(300_000));
    const second = each.send(Buffer.alloc(300_000));
    await host.connection.ping(20_000);
    expect(each.bufferedAmount).toBeGreaterThan(500_000);

    let size = 0;
    while (size < 600_000) size += (await fromPlugin.read())!.length;
    expect(await Promise.all([first, second])).toEqual([true, true]);
    expect(each.bufferedAmount).toBe(0);
  });

  it('[RTE-6] [PRO-7] gives a client up for which too much waits', async () => {
    const { host, socket } = await serve(untilClosed, { maxBufferedBytes: 1_000_000 });
    await raw(host);
    const each = await socket;
    const sent = Promise.all(Array.from({ length: 6 }, () => each.send(Buffer.alloc(300_000))));

    expect(await each.closed).toEqual({ code: 1006, reason: 'The client does not keep up', wasClean: false });
    expect(await sent).toEqual([false, false, false, false, false, false]);
    expect(each.bufferedAmount).toBe(0);
  });

  it('[RTE-6] [PRO-7] makes a client wait for a handler that does not read, and loses nothing', async () => {
    const { host, socket } = await serve(untilClosed);
    const { toPlugin } = await raw(host);
    const frame = clientFrame({ opcode: 2, payload: Buffer.alloc(1000) });
    let sent = 0;
    let isDone = false;
    const sending = (async () => {
      for (; sent < 2000; sent++) await toPlugin.write(frame);
      isDone = true;
    })();
    const each = await socket;
    await host.connection.ping(20_000);
    for (let n = 0; n < 20; n++) await new Promise((resolve) => setImmediate(resolve));
    // No more than the window of the stream and what waits for the handler.
    expect(isDone).toBe(false);

    for (let n = 0; n < 2000; n++) expect(await each.receive()).toHaveLength(1000);
    await sending;
  });

  it('[RTE-6] is told to a client in words that it knows: the subprotocol', async () => {
    const { gateway, socket } = await serve(untilClosed, { protocols: ['v2.chat', 'chat'] });
    const client = await open(gateway.connect('/', ['other', 'chat', 'v2.chat']));

    expect([client.protocol, (await socket).protocol]).toEqual(['v2.chat', 'v2.chat']);
  });

  it('[RTE-6] [PRO-5] is closed with 1001 at a shutdown, which does not wait longer than that', async () => {
    const { gateway, host } = await serve(echo);
    const client = await open(gateway.connect('/'));
    host.connection.sendShutdown({ grace_ms: 20_000 });

    expect(await closeOf(client)).toEqual([1001, 'The plugin is about to end']);
    expect(await host.exitStatus).toBe(0);
  });

  it('[RTE-6] [LANG-3] lets a loop that only sends end by its signal, without a line in the log', async () => {
    const { gateway, socket, logs, host } = await serve(async ({ signal }) => {
      await new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));
    });
    (await open(gateway.connect('/'))).close();
    await (
      await socket
    ).closed;
    await host.connection.ping(20_000);

    expect(logs).toEqual([]);
  });
});

describe('a request for a WebSocket', () => {
  const ask = async (host: HostSide, headers: Record<string, string>, method = 'GET') => {
    const head = { method, path: '/echo', base: '', headers, user: null, remote: '' };
    return host.connection.upgrade(head, { body: () => undefined });
  };

  it('[RTE-6] is answered with 101 and what the standard wants, over a router as well', async () => {
    const http = router().get('/echo', ({ request }) => upgradeWebSocket(request, echo));
    const host = await start((request, ctx) => http.handle(request, ctx));
    const { status, headers } = await ask(host, HANDSHAKE);

    expect(status).toBe(101);
    expect([...headers]).toEqual([
      ['connection', 'Upgrade'],
      ['upgrade', 'websocket'],
      ['sec-websocket-accept', 's3pPLMBiTxaQ9kYGzzhZRbK+xOo='],
    ]);
  });

  it.each([
    ['another version', { ...HANDSHAKE, 'sec-websocket-version': '8' }, 'GET', 426],
    ['a key that is none', { ...HANDSHAKE, 'sec-websocket-key': 'short' }, 'GET', 400],
    ['another protocol', { ...HANDSHAKE, upgrade: 'h2c' }, 'GET', 426],
    ['another method', HANDSHAKE, 'POST', 405],
    ['no handshake at all', {}, 'GET', 426],
  ])('[RTE-6] with %s is refused', async (_what, headers, method, status) => {
    const host = await start((request) => upgradeWebSocket(request, echo));

    expect((await ask(host, headers, method)).status).toBe(status);
  });

  it('[RTE-6] that is no upgrade for the host is answered with 426', async () => {
    const host = await start((request) => upgradeWebSocket(request, echo));

    expect((await host.ask({ headers: HANDSHAKE })).status).toBe(426);
  });

  it('[RTE-6] may be answered like any other one, and leaves nothing open', async () => {
    const host = await start(() => new Response('no', { status: 403 }));
    const answer = await ask(host, HANDSHAKE);

    expect([answer.status, Buffer.from(answer.body as Uint8Array).toString()]).toEqual([403, 'no']);
    await host.connection.ping(20_000);
    expect(host.connection.load).toEqual({ requests: 0, serving: 0, streams: 0 });
  });

  it('[RTE-6] names subprotocols that are none only by mistake', async () => {
    const http: HttpHandler = (request) => upgradeWebSocket(request, echo, { protocols: ['not a token'] });

    expect((await ask(await start(http), HANDSHAKE)).status).toBe(500);
  });
});
