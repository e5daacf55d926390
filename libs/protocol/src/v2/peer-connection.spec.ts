import { jest } from '@jest/globals';
import { INIT, HEAD, LONG_MS, RawPeer, against, collect, peers, socketPair } from './testing/peers';
import { initialise } from './handshake';
import type { ReceiveStream } from './receive-stream';
import type { SendStream } from './send-stream';
import { PeerConnection } from './peer-connection';
import type { PeersOptions } from './testing/peers';

const open: PeerConnection[] = [];

async function connected(options?: PeersOptions) {
  const both = await peers(options);
  open.push(both.host, both.plugin);
  return both;
}

async function hostile(...given: Parameters<typeof against>) {
  const side = await against(...given);
  open.push(side.connection);
  return side;
}

afterEach(async () => {
  await Promise.all(open.splice(0).map((connection) => connection.close()));
});

const never = (): Promise<never> => new Promise(() => undefined);
const kvGet = { action: 'get', key: 'a' } as const;

describe('PeerConnection', () => {
  it('[PRO-6] carries many requests at once, answered in any order', async () => {
    const waiting: (() => void)[] = [];
    const { host } = await connected({
      plugin: {
        http: async (request) => {
          await new Promise<void>((resolve) => {
            waiting.push(resolve);
            if (waiting.length === 20) for (const go of waiting.reverse()) go();
          });
          return { status: 200, headers: { 'x-path': request.path }, body: request.body as Uint8Array };
        },
      },
    });
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        host.http({ ...HEAD, path: `/${n}` }, { body: Buffer.from([n, 0xff]), deadlineMs: LONG_MS }),
      ),
    );
    answers.forEach((answer, n) => {
      expect(answer.headers.get('x-path')).toBe(`/${n}`);
      expect([...(answer.body as Uint8Array)]).toEqual([n, 0xff]);
    });
  });

  it('[PRO-6] parses no JSON for a request and an answer that are like those before', async () => {
    const { host } = await connected({ plugin: { http: () => ({ status: 200, headers: { 'x-a': 'b' } }) } });
    await host.http(HEAD, { deadlineMs: LONG_MS });
    const parse = jest.spyOn(JSON, 'parse');
    try {
      const { status } = await host.http(HEAD, { deadlineMs: LONG_MS });
      expect(status).toBe(200);
      expect(parse).not.toHaveBeenCalled();
      await host.http({ ...HEAD, method: 'PUT' }, { deadlineMs: LONG_MS });
      expect(parse).toHaveBeenCalled();
    } finally {
      parse.mockRestore();
    }
  });

  it('[PRO-7] [RTE-6] answers with a text of any length as with its bytes', async () => {
    const texts = ['', 'a', 'ž\ud800', '€'.repeat(1300), '😀'.repeat(3000), 'ž'.repeat(70_000), 'a'.repeat(300_000)];
    const { host, plugin } = await connected({
      plugin: { http: ({ path }) => ({ status: 200, headers: {}, body: texts[Number(path.slice(1))] as string }) },
    });
    for (const [n, text] of texts.entries()) {
      const { body } = await host.http({ ...HEAD, path: `/${n}` }, { deadlineMs: LONG_MS });
      const bytes = body === undefined || body instanceof Uint8Array ? Buffer.from(body ?? []) : await collect(body);
      expect(bytes.equals(Buffer.from(text))).toBe(true);
    }
    expect(plugin.load).toEqual({ requests: 0, serving: 0, streams: 0 });
  });

  it('[PRO-7] [RTE-6] streams bodies of any length both ways, in order and unchanged', async () => {
    const { host, plugin } = await connected({
      plugin: { http: ({ body }) => ({ status: 200, headers: {}, body: body as ReceiveStream }) },
    });
    const bytes = Buffer.alloc(3_000_001, 'abcdefghijklmnopqrstuvwxyz\0\xff');
    const answer = await host.http(HEAD, { body: bytes });
    expect((await collect(answer.body as ReceiveStream)).equals(bytes)).toBe(true);
    expect(host.load).toEqual({ requests: 0, serving: 0, streams: 0 });
    expect(plugin.load).toEqual({ requests: 0, serving: 0, streams: 0 });
  });

  it.each([1024, 65_536, 65_600])(
    '[PRO-7] cuts bodies so that they fit frames of %i bytes, both ways',
    async (max_frame) => {
      const { host } = await connected({
        init: { ...INIT, limits: { max_frame, window: 100_000 } },
        plugin: {
          http: async ({ body }) => ({ status: 200, headers: {}, body: await collect(body as ReceiveStream) }),
        },
      });
      for (const bytes of [Buffer.alloc(max_frame - 60, 'x'), Buffer.alloc(3 * 65_536, 'y')]) {
        const answer = await host.http(HEAD, { body: bytes, deadlineMs: LONG_MS });
        expect(answer.status).toBe(200);
        expect((await collect(answer.body as ReceiveStream)).equals(bytes)).toBe(true);
      }
    },
  );

  it('[PRO-7] gives a stream as a web stream, and takes one', async () => {
    const { host } = await connected({
      plugin: { http: ({ body }) => ({ status: 200, headers: {}, body: (body as ReceiveStream).toWeb() }) },
    });
    const bytes = Buffer.alloc(300_000, 'x');
    const answer = await host.http(HEAD, { body: bytes });
    const web = (answer.body as ReceiveStream).toWeb();
    expect(Buffer.from(await new Response(web as unknown as ReadableStream).arrayBuffer()).equals(bytes)).toBe(true);
  });

  it('[RTE-6] does not let one slow reader block another stream, nor send it more than its window', async () => {
    let sent = 0;
    const { host } = await connected({
      plugin: {
        http: ({ path }) => ({
          status: 200,
          headers: {},
          body: async (stream: SendStream) => {
            for (let n = 0; n < 40; n++) {
              await stream.write(Buffer.alloc(50_000));
              if (path === '/slow') sent += 50_000;
            }
            stream.end();
          },
        }),
      },
    });
    const slow = await host.http({ ...HEAD, path: '/slow' });
    const fast = await host.http({ ...HEAD, path: '/fast' });
    expect(await collect(fast.body as ReceiveStream)).toHaveLength(2_000_000);
    expect(sent).toBeLessThanOrEqual(INIT.limits.window);
    expect(await collect(slow.body as ReceiveStream)).toHaveLength(2_000_000);
  });

  it('[KV-8] asks for keys in both directions, with the same ids open', async () => {
    const kv = () => ({ value: '1', revision: 3 });
    const { host, plugin } = await connected({ host: { kv }, plugin: { kv } });
    const answers = [host.kv(kvGet), plugin.kv(kvGet)];
    expect(await Promise.all(answers)).toEqual([kv(), kv()]);
  });

  it('[KV-6] gives an error as an error, and never the text of a handler that failed', async () => {
    const failures: unknown[] = [];
    const { plugin } = await connected({
      host: {
        kv: ({ action }) => {
          if (action === 'set') return { error: { code: 'kv_conflict', message: 'Another one' } };
          throw new Error('a secret');
        },
        failed: (error) => failures.push(error),
      },
    });
    await expect(plugin.kv({ action: 'set', key: 'a', value: 'b' })).rejects.toMatchObject({ code: 'kv_conflict' });
    await expect(plugin.kv({ action: 'list' })).rejects.toMatchObject({
      name: 'KvRefusedError',
      code: 'storage_unavailable',
      message: expect.not.stringContaining('secret'),
    });
    expect(failures).toEqual([new Error('a secret')]);
  });

  it('[PRO-6] answers 500 for a handler that fails, gives nothing, or an answer that cannot be written', async () => {
    const { host } = await connected({
      plugin: {
        http: ({ path }) => {
          if (path === '/throws') throw new Error('a secret');
          if (path === '/nothing') return undefined as never;
          return { status: 200, headers: { x: 'y'.repeat(17_000_000) } };
        },
      },
    });
    for (const path of ['/throws', '/nothing', '/huge']) {
      expect(await host.http({ ...HEAD, path })).toMatchObject({ status: 500, body: undefined });
    }
  });

  it('[PRO-6] answers a ping while a handler never does', async () => {
    const { host, plugin } = await connected({ plugin: { http: never } });
    host.http(HEAD).catch(() => undefined);
    await Promise.all([host.ping(LONG_MS), plugin.ping(LONG_MS)]);
    expect(host.load.requests).toBe(1);
  });

  it('[SUP-5] [ISO-2] does not hold it against the other side that it did not get to run itself', async () => {
    const { connection, raw } = await hostile('host');
    const first = connection.ping(LONG_MS);
    const { request_id: id } = await raw.message(({ type }) => type === 'ping');
    raw.send({ type: 'pong', request_id: id });
    await first;
    const second = connection.ping(5);
    // on its way before the time is over; it is read after that
    raw.send({ type: 'pong', request_id: String(Number(id) + 1) });
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50);
    await expect(second).resolves.toBeUndefined();
  });

  it('[SUP-5] [ISO-2] takes a greeting that came in time, also where it did not get to run itself', async () => {
    const [ours, theirs] = await socketPair();
    const connection = new PeerConnection(ours, { role: 'host' });
    const greeted = initialise(connection, INIT, 5);
    const ready = { type: 'lifecycle', action: 'ready', timestamp: '', payload: { protocol: 2, features: [] } };
    new RawPeer(theirs).send(ready);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50);
    const result = await greeted.finally(() => void connection.close());
    expect(result).toMatchObject({ ok: true });
  });

  it('[PRO-6] gives up a ping that nobody answers, and takes its late pong', async () => {
    const { connection, raw } = await hostile('host');
    await expect(connection.ping(20)).rejects.toMatchObject({ name: 'RequestError', kind: 'timeout' });
    const ping = await raw.message(({ type }) => type === 'ping');
    raw.send({ type: 'pong', request_id: ping.request_id });
    raw.send({ type: 'ping', request_id: 'still there' });
    await raw.message(({ type }) => type === 'pong');
    expect(connection.isClosed).toBe(false);
  });

  it.each(['signal', 'deadline'])('[RTE-6] cancels the work of a plugin: %s', async (way) => {
    let stopped: Promise<unknown> | undefined;
    const controller = new AbortController();
    const { host, plugin } = await connected({
      plugin: {
        http: ({ signal, body }) => {
          stopped = Promise.all([
            new Promise((resolve) => signal.addEventListener('abort', resolve)),
            collect(body as ReceiveStream).catch((error: unknown) => error),
          ]);
          controller.abort();
          return never();
        },
      },
    });
    const limits = way === 'signal' ? { signal: controller.signal } : { deadlineMs: 50 };
    const request = host.http(HEAD, { ...limits, body: () => undefined });
    await expect(request).rejects.toMatchObject({ kind: way === 'signal' ? 'aborted' : 'timeout' });
    await host.ping(LONG_MS);
    expect(await stopped).toEqual([expect.anything(), expect.objectContaining({ code: 'cancelled' })]);
    expect(plugin.load).toEqual({ requests: 0, serving: 0, streams: 0 });
    expect(host.load).toEqual({ requests: 0, serving: 0, streams: 0 });
  });

  it('[RTE-6] tells a handler that its answer is not wanted any more', async () => {
    let aborted: Promise<unknown> | undefined;
    let returned = false;
    async function* ticks() {
      try {
        for (;;) {
          yield Buffer.from('tick');
          await new Promise((resolve) => setImmediate(resolve));
        }
      } finally {
        returned = true;
      }
    }
    const { host, plugin } = await connected({
      plugin: {
        http: ({ signal }) => {
          aborted = new Promise((resolve) => signal.addEventListener('abort', resolve));
          return { status: 200, headers: {}, body: ticks() };
        },
      },
    });
    const { body } = await host.http(HEAD);
    for await (const _tick of body as ReceiveStream) break;
    await aborted;
    await plugin.ping(LONG_MS);
    expect(returned).toBe(true);
    expect(plugin.load.streams).toBe(0);
  });

  it('[PRO-6] breaks the stream of a request off when its answer is complete', async () => {
    let body: ReceiveStream | undefined;
    const { host } = await connected({
      plugin: {
        http: (request) => {
          body = request.body as ReceiveStream;
          return { status: 413, headers: {} };
        },
      },
    });
    let sender: SendStream | undefined;
    await host.http(HEAD, { body: (stream) => void (sender = stream) });
    expect(sender).toMatchObject({ isOver: true, error: { code: 'answered' } });
    await expect(collect(body as ReceiveStream)).rejects.toMatchObject({ name: 'StreamError', code: 'answered' });
  });

  it('[RTE-6] upgrades: two streams of raw bytes after 101', async () => {
    const { host } = await connected({
      plugin: {
        http: ({ upgrade, body }) => {
          expect(upgrade).toBe(true);
          return { status: 101, headers: { upgrade: 'websocket' }, body: body as ReceiveStream };
        },
      },
    });
    const answer = await host.upgrade(HEAD, { body: () => undefined });
    expect(answer.status).toBe(101);
    const [send, receive] = [answer.requestStream as SendStream, answer.body as ReceiveStream];
    for (const text of ['one', 'two']) {
      await send.write(Buffer.from(text));
      expect(Buffer.from((await receive.read()) as Uint8Array).toString()).toBe(text);
    }
    send.end();
    expect(await receive.read()).toBeUndefined();
  });

  it('[PRO-6] passes logs, events, settings and shutdown on, and reports wrong ones', async () => {
    const seen: unknown[] = [];
    const note = (kind: string) => (given: unknown) => void seen.push([kind, given]);
    const { host, plugin } = await connected({
      host: { log: note('log'), event: note('event'), ignored: (type, error) => seen.push([type, error.reason]) },
      plugin: { settings: note('settings'), shutdown: note('shutdown') },
    });
    plugin.log({ level: 'warn', message: 'm', fields: { a: 1 } });
    plugin.event({ name: 'sync.done' });
    plugin.event({ name: 'Not A Name' });
    await plugin.ping(LONG_MS);
    host.sendSettings({ settings: { a: 2 } });
    host.sendShutdown({ grace_ms: 5 });
    await host.ping(LONG_MS);
    expect(seen).toEqual([
      ['log', { level: 'warn', message: 'm', fields: { a: 1 } }],
      ['event', { name: 'sync.done' }],
      ['event', 'invalid_notification'],
      ['settings', { settings: { a: 2 } }],
      ['shutdown', { grace_ms: 5 }],
    ]);
  });

  it('[PRO-8] ends everything that is pending with one error when the connection is gone', async () => {
    let signal: AbortSignal | undefined;
    const { host, plugin, pluginSocket } = await connected({
      plugin: {
        http: (request) => {
          if (request.path === '/stream') return { status: 200, headers: {}, body: () => undefined };
          signal = request.signal;
          pluginSocket.destroy();
          return never();
        },
      },
    });
    const { body } = await host.http({ ...HEAD, path: '/stream' });
    const pending = [host.http(HEAD), host.kv(kvGet), host.ping(LONG_MS), collect(body as ReceiveStream)];
    const results = await Promise.allSettled(pending);
    const error = await host.closed;
    expect(error).toMatchObject({ name: 'ConnectionClosedError', reason: 'remote' });
    for (const result of results) expect(result).toMatchObject({ status: 'rejected', reason: error });
    expect(signal?.aborted).toBe(true);
    await expect(host.http(HEAD)).rejects.toBe(error);
    await plugin.closed;
  });

  it('[PRO-8] closes any number of times, delivers what was sent, and leaves no listener', async () => {
    const seen: unknown[] = [];
    const { host, plugin, pluginSocket, hostSocket } = await connected({ host: { log: (log) => seen.push(log) } });
    for (let n = 0; n < 100; n++) plugin.log({ level: 'info', message: String(n) });
    await Promise.all([plugin.close(), plugin.close(), host.closed.then(() => host.close())]);
    expect(seen).toHaveLength(100);
    for (const socket of [hostSocket, pluginSocket]) {
      for (const name of ['data', 'close', 'finish']) expect(socket.listenerCount(name)).toBe(0);
    }
    expect((await plugin.closed).reason).toBe('local');
  });

  it('[PRO-8] gives up a side that stops reading', async () => {
    const { connection, raw } = await hostile('host', {}, { writeStallMs: 50 });
    raw.socket.pause();
    const request = connection.http(HEAD, { body: Buffer.alloc(8_000_000) });
    for (let n = 0; n < 40; n++) connection.kv({ action: 'set', key: 'k', value: 'x'.repeat(60_000) }).catch(() => 0);
    await expect(request).rejects.toMatchObject({ name: 'ConnectionClosedError', reason: 'write_stalled' });
  });

  it('[PRO-8] gives up a side that asks and does not take the answers', async () => {
    const { connection, raw } = await hostile('host', {}, { maxBufferedBytes: 100_000 });
    raw.socket.pause();
    const ping = Buffer.from(JSON.stringify({ type: 'ping', request_id: 'x'.repeat(128) }));
    const frame = Buffer.concat([Buffer.from([0, 0, 0, ping.length]), ping]);
    // in one write: twenty thousand of their own are slow on a busy machine
    raw.bytes(Buffer.concat(Array.from({ length: 20_000 }, () => frame)));
    expect((await connection.closed).reason).toBe('write_overflow');
  });

  it('[PRO-8] gives a frame that was begun its own deadline', async () => {
    const { connection, raw } = await hostile('plugin', {}, { frameDeadlineMs: 40 });
    raw.bytes(Buffer.from([0, 0, 1]));
    expect((await connection.closed).reason).toBe('frame_timeout');
  });

  it('[PRO-8] refuses more requests of its own than may be open', async () => {
    const { host } = await connected({ plugin: { http: never } });
    const requests = Array.from({ length: 1025 }, () => host.http(HEAD));
    const settled = Promise.allSettled(requests);
    await expect(requests[1024]).rejects.toMatchObject({ name: 'RequestError', kind: 'too_many_requests' });
    await host.close();
    expect((await settled).filter(({ status }) => status === 'rejected')).toHaveLength(1025);
  });
});
