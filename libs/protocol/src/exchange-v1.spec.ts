import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import type { KvRequestV1 } from '@toru/contracts';
import { exchangeV1 } from './exchange-v1';
import type { ExchangeOptions } from './exchange-v1';
import { FrameDecoder } from './frame-decoder';
import { encodeFrame } from './frame-encoder';
import { decodeHttpResponse, encodeHttpRequest } from './http-v1';
import { decodeKvAnswer, encodeKvRequest } from './kv-v1';
import { encodeInit } from './lifecycle-v1';
import { probeV1, sendV1 } from './send-v1';

const ID = 'r-1';
const AT = '2026-01-15T12:00:00Z';
const OK = { status: 200, headers: {}, body: 'hello' };
/** Far more than any of these tests takes: it is not what they wait for. */
const LONG_MS = 20_000;
const init = { instance_id: 'i', plugin_socket: 's', log_path: 'l' };
const request = encodeHttpRequest(ID, { method: 'GET', path: '/', headers: {}, body: null }, AT);

let directory: string;
let socketPath: string;
const servers: Server[] = [];
const sockets = new Set<Socket>();

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'toru-'));
  socketPath = join(directory, 'p.sock');
});

afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  sockets.clear();
  await Promise.all(servers.splice(0).map((server) => new Promise((done) => server.close(done))));
  rmSync(directory, { recursive: true });
});

/** A plugin that does what `onConnection` says. */
async function listen(onConnection: (socket: Socket) => void): Promise<void> {
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    onConnection(socket);
  });
  servers.push(server);
  await new Promise<void>((ready) => server.listen(socketPath, ready));
}

/** Calls back with each message that arrives at the plugin. */
function onMessages(socket: Socket, handle: (message: Record<string, unknown>) => void): void {
  const decoder = new FrameDecoder();
  socket.on('data', (chunk: Buffer) => {
    decoder.push(chunk);
    for (let frame = decoder.next(); frame; frame = decoder.next()) {
      handle(JSON.parse(frame.toString()) as Record<string, unknown>);
    }
  });
}

/** A plugin that sends these bytes as soon as the first message is there. */
function answering(...chunks: Uint8Array[]): Promise<void> {
  return listen((socket) => onMessages(socket, () => chunks.forEach((chunk) => socket.write(chunk))));
}

function httpAnswer(payload: object = OK, requestId: string | undefined = ID): Buffer {
  return encodeFrame({ type: 'http', timestamp: AT, request_id: requestId, payload });
}

function exchange(changes: Partial<ExchangeOptions<ReturnType<typeof decodeHttpResponse>>> = {}) {
  return exchangeV1({
    socketPath,
    message: request,
    requestId: ID,
    deadlineMs: LONG_MS,
    connectTimeoutMs: LONG_MS,
    frameDeadlineMs: LONG_MS,
    decode: decodeHttpResponse,
    onKvRequest: () => Promise.reject(new Error('no kv here')),
    ...changes,
  });
}

/** The host is busy: when it looks again, time has passed, and everything else has happened. */
function standStill(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50);
}

const failsWith = (kind: string, cause?: object): unknown =>
  expect.objectContaining({ name: 'ExchangeError', kind, ...(cause && { cause: expect.objectContaining(cause) }) });

describe('exchangeV1', () => {
  it('[PRO-1] [PRO-3] sends the request as one frame and gives the answer', async () => {
    const received: unknown[] = [];
    await listen((socket) =>
      onMessages(socket, (message) => {
        received.push(message);
        socket.write(httpAnswer());
      }),
    );
    await expect(exchange()).resolves.toMatchObject({ status: 200, body: 'hello' });
    expect(received).toEqual([request]);
  });

  it('[PRO-4] calls it a time-out when its time is over before it is connected', async () => {
    await listen(() => undefined);
    const answer = exchange({ deadlineMs: 5 });
    standStill();
    await expect(answer).rejects.toEqual(failsWith('timeout'));
  });

  it('[PRO-4] [ISO-2] does not hold it against the plugin that the host did not get to run', async () => {
    await answering(httpAnswer());
    // from here on, timers come before what the system tells
    await new Promise((resolve) => setImmediate(resolve));
    const answer = exchange({ connectTimeoutMs: 5 });
    standStill();
    await expect(answer).resolves.toMatchObject({ status: 200 });
  });

  it('[PRO-6] keeps its own side open until the answer, then closes', async () => {
    const events: string[] = [];
    const closed = new Promise<void>((done) => {
      void listen((socket) => {
        socket.on('end', () => events.push('end'));
        socket.on('close', () => done());
        onMessages(socket, () => {
          setImmediate(() => {
            events.push('answer');
            socket.write(httpAnswer());
          });
        });
      }).then(() => exchange());
    });
    await closed;
    expect(events).toEqual(['answer', 'end']);
  });

  it('[PRO-1] reads an answer that comes byte by byte', async () => {
    await listen((socket) => {
      socket.setNoDelay(true);
      onMessages(socket, () => {
        const bytes = [...httpAnswer()];
        const step = (): void => {
          const byte = bytes.shift();
          if (byte !== undefined) socket.write(Buffer.of(byte), () => setImmediate(step));
        };
        step();
      });
    });
    await expect(exchange()).resolves.toMatchObject({ body: 'hello' });
  });

  it('[PRO-8] ignores what follows the answer, and messages of unknown types before it', async () => {
    const unknown = encodeFrame({ type: 'greeting', payload: 'x' });
    await answering(Buffer.concat([unknown, unknown, httpAnswer(), Buffer.from('GARBAGE GARBAGE')]));
    await expect(exchange()).resolves.toMatchObject({ body: 'hello' });
  });

  it('[PRO-6] accepts an answer whose id is only inside', async () => {
    const payload = { type: 'http', request_id: ID, payload: OK };
    await answering(encodeFrame({ type: 'http', timestamp: AT, payload }));
    await expect(exchange()).resolves.toMatchObject({ body: 'hello' });
  });

  it.each([
    ['the id of another request', httpAnswer(OK, 'r-2'), 'unknown_request_id'],
    ['no id at all', encodeFrame({ type: 'http', payload: OK }), 'missing_request_id'],
    ['two ids', httpAnswer({ request_id: 'r-2', payload: OK }), 'request_id_mismatch'],
    ['a number as its id', encodeFrame({ type: 'http', request_id: 1, payload: OK }), 'invalid_request_id'],
    ['no status', httpAnswer({}), 'invalid_http_response'],
    ['a kv answer', encodeFrame({ type: 'kv', request_id: ID, payload: { value: '1' } }), 'unexpected_message'],
    [
      'a kv request without key',
      encodeFrame({ type: 'kv', request_id: 'k', payload: { action: 'get' } }),
      'invalid_kv_request',
    ],
    [
      'a kv request without id',
      encodeFrame({ type: 'kv', payload: { action: 'get', key: 'a' } }),
      'missing_request_id',
    ],
    ['no JSON', Buffer.from([0, 0, 0, 1, 0x21]), 'invalid_json'],
    ['an empty frame', Buffer.alloc(4), 'empty_frame'],
    ['a frame without bound', Buffer.alloc(4, 0xff), 'frame_too_large'],
  ])('[PRO-8] refuses an answer with %s', async (_name, bytes, reason) => {
    await answering(bytes);
    await expect(exchange()).rejects.toEqual(failsWith('protocol', { reason }));
  });

  it('[KV-1] [KV-2] [PRO-6] serves kv requests in their order, one at a time, before the answer', async () => {
    const answers: unknown[] = [];
    const kv = (id: string, payload: object) => encodeFrame({ type: 'kv', request_id: id, payload });
    await listen((socket) =>
      onMessages(socket, (message) => {
        if (message.type === 'kv') answers.push([message.request_id, message.payload]);
        else {
          socket.write(
            Buffer.concat([
              kv('a', { action: 'SET', key: 'n', value: { x: 1 } }),
              kv('b', { payload: { action: 'get', key: 'n' } }),
              kv('c', { action: 'delete', key: 'boom' }),
              kv('d', { action: 'delete', key: 'full' }),
              httpAnswer().subarray(0, 9),
            ]),
          );
        }
        if (answers.length === 4) socket.write(httpAnswer().subarray(9));
      }),
    );
    const requests: KvRequestV1[] = [];
    let open = 0;
    const result = await exchange({
      onKvRequest: async (kvRequest) => {
        requests.push(kvRequest);
        open += 1;
        await new Promise((done) => setImmediate(done));
        expect(open).toBe(1);
        open -= 1;
        if (kvRequest.key === 'boom') throw new Error('a secret');
        if (kvRequest.key === 'full') return { error: { code: 'kv_quota', message: 'full' } };
        return { value: kvRequest.action === 'get' ? '1' : null };
      },
    });
    expect(result).toMatchObject({ body: 'hello' });
    expect(requests).toEqual([
      { action: 'set', key: 'n', value: '{"x":1}' },
      { action: 'get', key: 'n' },
      { action: 'delete', key: 'boom' },
      { action: 'delete', key: 'full' },
    ]);
    const internal = { code: 'internal', message: 'The host could not serve the request' };
    expect(answers).toEqual([
      ['a', { type: 'kv', request_id: 'a', value: null }],
      ['b', { type: 'kv', request_id: 'b', value: '1' }],
      ['c', { type: 'kv', request_id: 'c', value: null, error: internal }],
      ['d', { type: 'kv', request_id: 'd', value: null, error: { code: 'kv_quota', message: 'full' } }],
    ]);
  });

  it.each([
    ['kv', { value: '5' }],
    ['http', { type: 'http', request_id: ID, payload: { method: 'GET', body: '{"value":"5"}' } }],
  ])(
    '[KV-8] asks a plugin for a key, serves its own request meanwhile, and reads its %s answer',
    async (type, payload) => {
      await listen((socket) =>
        onMessages(socket, ({ request_id: id }) => {
          if (id === ID)
            socket.write(encodeFrame({ type: 'kv', request_id: 'own', payload: { action: 'get', key: 'b' } }));
          else socket.write(encodeFrame({ type, request_id: ID, payload }));
        }),
      );
      const message = encodeKvRequest(ID, { action: 'get', key: 'a' }, AT);
      const answer = await exchangeV1({
        socketPath,
        message,
        requestId: ID,
        deadlineMs: LONG_MS,
        connectTimeoutMs: LONG_MS,
        frameDeadlineMs: LONG_MS,
        decode: decodeKvAnswer,
        onKvRequest: () => Promise.resolve({ value: null }),
      });
      expect(answer).toEqual({ value: '5' });
    },
  );

  it('[PRO-8] stops a plugin that asks without end', async () => {
    const ask = encodeFrame({ type: 'kv', request_id: 'k', payload: { action: 'get', key: 'k' } });
    await listen((socket) => onMessages(socket, () => socket.write(ask)));
    let served = 0;
    const onKvRequest = () => Promise.resolve({ value: String(++served) });
    await expect(exchange({ onKvRequest, maxMessages: 20 })).rejects.toEqual(
      failsWith('protocol', { reason: 'too_many_messages' }),
    );
    expect(served).toBe(20);
  });

  it('[PRO-8] gives a frame that was begun its own deadline, which more bytes do not extend', async () => {
    await listen((socket) => {
      onMessages(socket, () => {
        socket.write(Buffer.from([0, 1, 0, 0]));
        const trickle = setInterval(() => socket.write(Buffer.of(0x20)), 5);
        socket.on('close', () => clearInterval(trickle));
      });
    });
    await expect(exchange({ frameDeadlineMs: 60 })).rejects.toMatchObject({
      kind: 'timeout',
      message: 'The plugin did not finish a frame within 60 ms',
    });
  });

  it('[PRO-4] times out when the plugin reads and never answers', async () => {
    await listen((socket) => onMessages(socket, () => undefined));
    await expect(exchange({ deadlineMs: 60 })).rejects.toEqual(failsWith('timeout'));
  });

  it('[PRO-4] has its whole deadline when it connected within the shorter time for that', async () => {
    await listen((socket) => onMessages(socket, () => undefined));
    await expect(exchange({ connectTimeoutMs: 20, deadlineMs: 60 })).rejects.toThrow(
      'The plugin did not answer within 60 ms',
    );
  });

  it('[PRO-8] keeps what exchanges read side by side apart', async () => {
    const waiting: Socket[] = [];
    const bodyOf = (n: number): string => String(n).repeat(30_000);
    await listen((socket) =>
      onMessages(socket, (message) => {
        const n = Number(message['request_id']);
        const bytes = httpAnswer({ ...OK, body: bodyOf(n) }, String(n));
        socket.write(bytes.subarray(0, 20_000 + n));
        waiting.push(socket.once('close', () => undefined));
        (socket as Socket & { rest?: Buffer }).rest = bytes.subarray(20_000 + n);
        if (waiting.length < 3) return;
        for (const other of waiting.splice(0)) other.write((other as Socket & { rest: Buffer }).rest);
      }),
    );
    const answers = [1, 2, 3].map((n) =>
      exchange({ requestId: String(n), message: { ...request, request_id: String(n) } }),
    );
    await expect(Promise.all(answers)).resolves.toMatchObject([1, 2, 3].map((n) => ({ body: bodyOf(n) })));
  });

  it('[PRO-4] names the time in whole milliseconds, whatever is left of a deadline', async () => {
    await listen((socket) => onMessages(socket, () => undefined));
    await expect(exchange({ deadlineMs: 30.4 })).rejects.toThrow('The plugin did not answer within 30 ms');
  });

  it('[PRO-8] times out when the plugin never reads, with what it has not read as the reason', async () => {
    await listen((socket) => socket.pause());
    const body = 'x'.repeat(8 * 1024 * 1024);
    const message = encodeHttpRequest(ID, { method: 'POST', path: '/', headers: {}, body }, AT);
    await expect(exchange({ message, deadlineMs: 60 })).rejects.toEqual(failsWith('write_stalled'));
  });

  it('[PRO-4] tells a plugin that closes before its answer', async () => {
    await listen((socket) => onMessages(socket, () => socket.end()));
    await expect(exchange()).rejects.toEqual(failsWith('connection_closed'));
  });

  it('[PRO-8] tells a plugin that closes inside of its answer', async () => {
    await listen((socket) => onMessages(socket, () => socket.end(httpAnswer().subarray(0, 20))));
    await expect(exchange()).rejects.toEqual(failsWith('connection_closed', { reason: 'truncated' }));
  });

  it('[PRO-8] tells a connection that was reset', async () => {
    await listen((socket) => socket.once('data', () => socket.destroy()));
    await expect(exchange()).rejects.toEqual(failsWith('connection_closed'));
  });

  it('[PRO-6] gives up at once when nobody waits any more, and closes the connection', async () => {
    const controller = new AbortController();
    const closed = new Promise<void>((done) => {
      void listen((socket) => {
        socket.on('close', () => done());
        onMessages(socket, () => controller.abort());
      }).then(() => expect(exchange({ signal: controller.signal })).rejects.toEqual(failsWith('aborted')));
    });
    await closed;
    await expect(exchange({ signal: controller.signal })).rejects.toEqual(failsWith('aborted'));
  });

  it('[PRO-8] drops the result of a kv request when the exchange ended meanwhile', async () => {
    const controller = new AbortController();
    await answering(encodeFrame({ type: 'kv', request_id: 'k', payload: { action: 'get', key: 'k' } }));
    let finish: (outcome: { value: string }) => void = () => undefined;
    const onKvRequest = () =>
      new Promise<{ value: string }>((resolve) => {
        finish = resolve;
        controller.abort();
      });
    await expect(exchange({ onKvRequest, signal: controller.signal })).rejects.toEqual(failsWith('aborted'));
    finish({ value: 'late' });
  });

  it.each([
    ['an answer', httpAnswer(), {}],
    ['a refused answer', httpAnswer(OK, 'r-2'), {}],
    ['a time-out', httpAnswer().subarray(0, 9), { deadlineMs: 30 }],
  ])('[PRO-8] leaves no timer after %s', async (_name, bytes, changes) => {
    await answering(bytes);
    const started = jest.spyOn(globalThis, 'setTimeout');
    const cleared = jest.spyOn(globalThis, 'clearTimeout');
    try {
      await exchange(changes).catch(() => undefined);
      const ours = started.mock.results.map(({ value }) => value as NodeJS.Timeout);
      expect(ours.length).toBeGreaterThanOrEqual(1);
      for (const timer of ours) expect(cleared).toHaveBeenCalledWith(timer);
    } finally {
      started.mockRestore();
      cleared.mockRestore();
    }
  });

  it('[PRO-8] sends nothing that is over the limit', async () => {
    await expect(exchange({ maxFrameBytes: 50 })).rejects.toEqual(
      failsWith('message_too_large', { reason: 'frame_too_large' }),
    );
  });

  it('[PRO-1] tells a socket that is not there, or no socket', async () => {
    await expect(exchange()).rejects.toEqual(failsWith('connect_failed', { code: 'ENOENT' }));
    writeFileSync(socketPath, '');
    await expect(exchange()).rejects.toEqual(failsWith('connect_failed'));
  });

  it.each([
    ['over 107 bytes', `/tmp/${'ž'.repeat(52)}`],
    ['that is empty', ''],
    ['with NUL', '\0abstract'],
  ])('[PRO-1] refuses a socket path %s', async (_name, path) => {
    await expect(exchange({ socketPath: path })).rejects.toEqual(failsWith('invalid_socket_path'));
    await expect(probeV1({ socketPath: path, timeoutMs: LONG_MS })).rejects.toEqual(failsWith('invalid_socket_path'));
  });
});

describe('sendV1', () => {
  const send = (changes: object = {}) =>
    sendV1({
      socketPath,
      message: encodeInit(init, AT),
      connectTimeoutMs: LONG_MS,
      flushTimeoutMs: LONG_MS,
      lingerMs: LONG_MS,
      ...changes,
    });

  it('[PRO-2] delivers init and ends, throwing away what the plugin says', async () => {
    const received: unknown[] = [];
    await listen((socket) =>
      onMessages(socket, (message) => {
        received.push(message);
        socket.write('whatever');
      }),
    );
    await send();
    expect(received).toEqual([encodeInit(init, AT)]);
  });

  it('[PRO-2] [PRO-5] does not wait for a plugin that keeps the connection open', async () => {
    const server = createServer({ allowHalfOpen: true }, (socket) => {
      sockets.add(socket);
      socket.resume();
    });
    servers.push(server);
    await new Promise<void>((ready) => server.listen(socketPath, ready));
    await expect(send({ lingerMs: 30 })).resolves.toBeUndefined();
  });

  it('[PRO-2] tells a socket that is not there, and a caller that gave up', async () => {
    await expect(send()).rejects.toEqual(failsWith('connect_failed'));
    await expect(send({ signal: AbortSignal.abort() })).rejects.toEqual(failsWith('aborted'));
  });

  it('[PRO-8] tells a message that was not taken, and leaves no timer', async () => {
    await listen((socket) => socket.pause());
    const message = encodeInit({ ...init, log_path: 'x'.repeat(4 * 1024 * 1024) }, AT);
    const started = jest.spyOn(globalThis, 'setTimeout');
    try {
      await expect(send({ message, flushTimeoutMs: 40 })).rejects.toEqual(failsWith('write_stalled'));
      for (const socket of sockets) await new Promise((done) => socket.on('close', done).resume());
      expect(started.mock.calls.map(([, ms]) => ms)).toEqual([LONG_MS, 40]);
    } finally {
      started.mockRestore();
    }
  });
});

describe('probeV1', () => {
  it('[SUP-1] [ISO-2] does not hold it against the plugin that the host did not get to run', async () => {
    await listen((socket) => socket.resume());
    // from here on, timers come before what the system tells
    await new Promise((resolve) => setImmediate(resolve));
    const probe = probeV1({ socketPath, timeoutMs: 5 });
    standStill();
    await expect(probe).resolves.toBeUndefined();
  });

  it('[SUP-1] connects and closes', async () => {
    await expect(probeV1({ socketPath, timeoutMs: LONG_MS })).rejects.toEqual(failsWith('connect_failed'));
    const closed = new Promise<void>((done) => {
      void listen((socket) => socket.on('close', () => done()).resume()).then(() =>
        probeV1({ socketPath, timeoutMs: LONG_MS }),
      );
    });
    await closed;
  });
});
