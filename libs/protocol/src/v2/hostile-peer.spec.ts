import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { PeerConnection } from './peer-connection';
import type { ReceiveStream } from './receive-stream';
import type { SendStream } from './send-stream';
import { against, collect, HEAD, INIT, RawPeer, socketPair } from './testing/peers';
import type { RawMessage } from './testing/peers';

interface Refused {
  readonly layer: 'frame' | 'message' | 'connection';
  readonly direction: 'host-to-plugin' | 'plugin-to-host' | 'both';
  readonly ready: boolean;
  readonly frames: string;
  readonly reason: string;
}

const folder = new URL('../../../contracts/vectors/v2/refused/', import.meta.url);
const refused = readdirSync(fileURLToPath(folder)).flatMap((name) => {
  const vector = JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as Refused;
  const roles = (['host', 'plugin'] as const).filter((role) => !vector.direction.startsWith(role));
  return roles.map((role) => [name, role, vector] as const);
});

/** Of buffers that somebody still holds: what is garbage is given back beside the program, some turns after it was found. */
async function keptBytes(): Promise<number> {
  setFlagsFromString('--expose-gc');
  const collectGarbage = runInNewContext('gc') as () => void;
  for (let turn = 0; turn < 5; turn++) {
    collectGarbage();
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return process.memoryUsage().arrayBuffers;
}

const open: PeerConnection[] = [];

async function hostile(...given: Parameters<typeof against>) {
  const side = await against(...given);
  open.push(side.connection);
  return side;
}

afterEach(async () => {
  await Promise.all(open.splice(0).map((connection) => connection.close()));
});

const never = (): Promise<never> => new Promise(() => undefined);
const isType = (type: string) => (message: RawMessage) => message.type === type;
const isHttp = isType('http');
const request = (id: string, fields: object = {}) => ({
  type: 'http',
  request_id: id,
  payload: { ...HEAD, ...fields },
});
const response = (id: string | undefined, fields: object = {}) => ({
  type: 'http',
  request_id: id,
  payload: { status: 200, headers: {}, ...fields },
});
const data = (payload: object) => ({ type: 'data', payload });
const protocolError = (reason: string): unknown =>
  expect.objectContaining({ reason: 'protocol', cause: expect.objectContaining({ reason }) });

describe('a hostile peer', () => {
  it.each(refused)('[PRO-8] %s closes the connection of the %s', async (_name, role, { frames, reason, ready }) => {
    const bytes = Buffer.from(frames, 'hex');
    let connection: PeerConnection;
    let raw: RawPeer;
    if (ready) {
      ({ connection, raw } = await hostile(role, { http: never, kv: never }));
    } else {
      const [ours, theirs] = await socketPair();
      connection = new PeerConnection(ours, { role });
      open.push(connection);
      if (role === 'host') connection.sendInit(INIT);
      raw = new RawPeer(theirs);
    }
    raw.bytes(bytes);
    if (reason !== 'truncated') {
      expect(await connection.closed).toEqual(protocolError(reason));
      return;
    }
    raw.socket.end();
    expect(await connection.closed).toMatchObject({ reason: 'remote', cause: { reason: 'truncated' } });
  });

  it('[PRO-8] a plugin that exceeds the window of a stream', async () => {
    const { connection, raw } = await hostile('host');
    const answer = connection.http(HEAD);
    const { request_id: id } = await raw.message(isHttp);
    raw.send(response(id, { stream: 2 }));
    const { body } = await answer;
    for (let n = 0; n < 4; n++) raw.send(data({ stream: 2 }), Buffer.alloc(65_536));
    raw.send({ type: 'ping', request_id: 'p' });
    await raw.message(isType('pong'));
    expect(connection.isClosed).toBe(false);
    raw.send(data({ stream: 2 }), Buffer.alloc(1));
    const error = await connection.closed;
    expect(error).toEqual(protocolError('window_exceeded'));
    await expect(collect(body as ReceiveStream)).rejects.toBe(error);
  });

  it('[PRO-8] a host that exceeds the window of a stream', async () => {
    const { connection, raw } = await hostile('plugin', { http: never });
    raw.send(request('1', { stream: 1 }));
    raw.send(data({ stream: 1 }), Buffer.alloc(262_145));
    expect(await connection.closed).toEqual(protocolError('window_exceeded'));
  });

  it.each(['host', 'plugin'] as const)('[PRO-8] more open requests than allowed, towards the %s', async (role) => {
    const { connection, raw } = await hostile(role, { kv: never });
    for (let n = 0; n < 1025; n++) {
      raw.send({ type: 'kv', request_id: String(n), payload: { action: 'get', key: 'k' } });
    }
    expect(await connection.closed).toEqual(protocolError('too_many_requests'));
  });

  it.each(['http', 'kv'] as const)('[PRO-8] [ISO-6] cancels do not buy more running handlers, of %s', async (type) => {
    let running = 0;
    let release: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => (release = resolve));
    const failures: string[] = [];
    const handler = async () => {
      running += 1;
      await gate;
      return type === 'kv' ? { value: null } : { status: 200, headers: {} };
    };
    const { connection, raw } = await hostile(type === 'kv' ? 'host' : 'plugin', {
      [type]: handler,
      failed: (error: unknown) => failures.push(String(error)),
    });
    const ask = (id: string) =>
      raw.send(type === 'http' ? request(id) : { type, request_id: id, payload: { action: 'get', key: 'k' } });
    const answerTo = (id: string) => raw.message((message) => message.type === type && message.request_id === id);
    for (let n = 0; n < 3000; n++) {
      ask(String(n));
      raw.send({ type: 'cancel', request_id: String(n) });
    }
    // Who goes on after a cancel has itself to blame, not the other side: that is refused with an answer.
    ask('one more');
    const refusal = type === 'kv' ? { error: { code: 'storage_unavailable' } } : { status: 503 };
    expect((await answerTo('one more')).payload).toMatchObject(refusal);
    expect(running).toBe(2048);
    expect(failures).toEqual([expect.stringContaining('2048 handlers are running')]);
    expect(connection.isClosed).toBe(false);
    release();
    ask('another');
    expect((await answerTo('another')).payload).toMatchObject(type === 'kv' ? { value: null } : { status: 200 });
  });

  it.each([
    ['a second answer', (id: string) => [response(id), response(id)], 'unknown_request_id'],
    [
      'a kv answer to an http request',
      (id: string) => [{ type: 'kv', request_id: id, payload: {} }],
      'unknown_request_id',
    ],
    ...['01', '+1', '1.0', '1e0', ' 1', '１', '0x1', '1'.repeat(16)].map((id): [string, () => object[], string] => [
      `an answer with the id ${id}`,
      () => [response(id)],
      'unknown_request_id',
    ]),
    ['a pong to an http request', (id: string) => [{ type: 'pong', request_id: id }], 'unknown_request_id'],
    ['an answer on an odd stream', (id: string) => [response(id, { stream: 3 })], 'invalid_stream'],
    ['two bodies', (id: string) => [response(id, { stream: 2, body: 'x' })], 'body_ambiguous'],
  ])('[PRO-8] %s from a plugin', async (_name, messages, reason) => {
    const { connection, raw } = await hostile('host');
    const answers = Promise.allSettled([connection.http(HEAD), connection.http(HEAD)]);
    const { request_id: id } = await raw.message(isHttp);
    for (const message of messages(id as string)) raw.send(message);
    const error = await connection.closed;
    expect(error).toEqual(protocolError(reason));
    // The other request never gets what was not meant for it.
    expect((await answers)[1]).toEqual({ status: 'rejected', reason: error });
  });

  it('[PRO-8] a stream that is used again', async () => {
    const { connection, raw } = await hostile('host');
    const answers = [connection.http(HEAD), connection.http(HEAD)];
    await raw.message(({ request_id: id }) => id === '2');
    raw.send(response('1', { stream: 2 }));
    raw.send(data({ stream: 2, end: true }));
    raw.send(response('2', { stream: 2 }));
    expect((await answers[0])?.status).toBe(200);
    await expect(answers[1]).rejects.toEqual(protocolError('invalid_stream'));
  });

  it('[PRO-8] an answer that means nothing ends its own request alone', async () => {
    const { connection, raw } = await hostile('host');
    let n = 0;
    for (const fields of [
      { status: 99 },
      { status: 101 },
      { status: '200' },
      { headers: { 'x\r\n': '1' } },
      { headers: { x: 'a\nb' }, stream: 2 },
      { body: 5 },
    ]) {
      const answer = connection.http(HEAD);
      raw.send(response(String(++n), fields));
      await expect(answer).rejects.toMatchObject({ name: 'RequestError', kind: 'unusable_answer' });
    }
    const refusal = await raw.message(isType('data'));
    expect(refusal.payload).toMatchObject({ stream: 2, error: { code: 'unusable' } });
    const kv = connection.kv({ action: 'get', key: 'k' });
    raw.send({ type: 'kv', request_id: String(++n), payload: { value: 1 } });
    await expect(kv).rejects.toMatchObject({ kind: 'unusable_answer' });
    expect(connection.isClosed).toBe(false);
  });

  it('[PRO-8] an id of up to 128 characters, which are code points', async () => {
    const { connection, raw } = await hostile('host');
    const longest = '😀'.repeat(128);
    raw.send({ type: 'ping', request_id: longest });
    expect((await raw.message(isType('pong'))).request_id).toBe(longest);
    raw.send({ type: 'ping', request_id: `${longest}.` });
    expect(await connection.closed).toEqual(protocolError('invalid_request_id'));
  });

  /** A request that the plugin has, and that nobody waits for any more. */
  async function givenUp() {
    const { connection, raw } = await hostile('host');
    const controller = new AbortController();
    const answer = connection.http(HEAD, { signal: controller.signal });
    const { request_id: id } = await raw.message(isHttp);
    controller.abort();
    await expect(answer).rejects.toMatchObject({ kind: 'aborted' });
    return { connection, raw, id: id as string };
  }

  it('[PRO-6] a late answer that means nothing is dropped like any other', async () => {
    const { connection, raw, id } = await givenUp();
    raw.send(response(id, { status: 'x', body: { a: 1 } }));
    raw.send({ type: 'ping', request_id: 'p' });
    await raw.message(isType('pong'));
    expect(connection.isClosed).toBe(false);
  });

  it('[PRO-6] late answers to cancelled requests are dropped, once each, and their streams refused', async () => {
    const { connection, raw, id } = await givenUp();
    expect((await raw.message(isType('cancel'))).request_id).toBe(id);
    raw.send(response(id, { stream: 2 }));
    raw.send(data({ stream: 2 }), Buffer.from('on its way'));
    expect((await raw.message(isType('data'))).payload).toMatchObject({ stream: 2, error: { code: 'cancelled' } });
    expect(connection.isClosed).toBe(false);
    raw.send(response(id));
    expect(await connection.closed).toEqual(protocolError('unknown_request_id'));
  });

  it('[PRO-6] is not told of a request that was given up while it waited to be written, nor may answer it', async () => {
    const { connection, raw } = await hostile('host', {}, { highWaterBytes: 10_000 });
    const controller = new AbortController();
    // Nothing is written before this turn of the event loop ends, so what follows the first one waits.
    connection.http(HEAD, { body: Buffer.alloc(20_000) }).catch(() => undefined);
    const http = connection.http(HEAD, { signal: controller.signal });
    const kv = connection.kv({ action: 'get', key: 'k' }, { signal: controller.signal });
    controller.abort();
    await expect(http).rejects.toMatchObject({ kind: 'aborted' });
    await expect(kv).rejects.toMatchObject({ kind: 'aborted' });
    connection.http(HEAD).catch(() => undefined);
    await raw.message(({ request_id: id }) => id === '4');
    expect(raw.received.flatMap(({ request_id: id }) => id ?? [])).toEqual(['1', '4']);
    raw.send(response('2'));
    expect(await connection.closed).toEqual(protocolError('unknown_request_id'));
  });

  it('[PRO-8] a wrong kv request is answered, and a cancel of nothing ignored', async () => {
    const { connection, raw } = await hostile('host', { kv: () => ({ revision: 1 }) });
    raw.send({ type: 'cancel', request_id: 'nothing' });
    raw.send({ type: 'kv', request_id: 'k', payload: { action: 'fly', key: 'k' } });
    expect((await raw.message(isType('kv'))).payload).toMatchObject({ error: { code: 'invalid_request' } });
    expect(connection.isClosed).toBe(false);
  });

  it('[PRO-8] bytes for a stream that is over are dropped without end', async () => {
    const { connection, raw } = await hostile('plugin', { http: () => ({ status: 200, headers: {} }) });
    raw.send(request('1', { stream: 1 }));
    raw.send(data({ stream: 1, end: true }));
    for (let n = 0; n < 100; n++) raw.send(data({ stream: 1 }), Buffer.alloc(60_000));
    raw.send({ type: 'ping', request_id: 'p' });
    await raw.message(isType('pong'));
    expect(connection.isClosed).toBe(false);
  });

  it('[PRO-8] huge credit is as much as anybody needs', async () => {
    const { connection, raw } = await hostile('host');
    let stream: SendStream | undefined;
    const answer = connection.http(HEAD, { body: (given) => void (stream = given) });
    await raw.message(isHttp);
    for (let n = 0; n < 3; n++) raw.send(data({ stream: 1, credit: Number.MAX_SAFE_INTEGER }));
    await stream?.write(Buffer.alloc(600_000));
    raw.send(response('1'));
    expect((await answer).status).toBe(200);
    expect(connection.isClosed).toBe(false);
  });

  it('[PRO-8] single bytes on a stream take no more memory than the window', async () => {
    const { connection, raw } = await hostile('plugin', { http: never });
    raw.send(request('1', { stream: 1 }));
    const before = await keptBytes();
    for (let n = 0; n < 20_000; n++) raw.send(data({ stream: 1 }), Buffer.of(1));
    raw.send({ type: 'ping', request_id: 'p' });
    await raw.message(isType('pong'));
    expect((await keptBytes()) - before).toBeLessThan(8 * 1024 * 1024);
    expect(connection.isClosed).toBe(false);
  });

  it('[PRO-6] a host that begins with anything but init, and words out of turn', async () => {
    const [ours, theirs] = await socketPair();
    const connection = new PeerConnection(ours, { role: 'plugin' });
    new RawPeer(theirs).send({ type: 'lifecycle', action: 'shutdown', payload: { grace_ms: 1 } });
    expect(await connection.closed).toEqual(protocolError('unexpected_message'));
    await expect(connection.greeting).rejects.toMatchObject({ name: 'ConnectionClosedError' });
    await connection.close();
    const host = await hostile('host');
    host.raw.send({ type: 'lifecycle', action: 'failed', payload: { code: 'config', message: '' } });
    expect(await host.connection.closed).toEqual(protocolError('unexpected_message'));
  });

  it('[PRO-6] unknown types, actions and fields are ignored', async () => {
    const { connection, raw } = await hostile('plugin');
    raw.send({ type: 'greeting', request_id: 5, payload: { __proto__: null } }, Buffer.from('tail'));
    raw.send({ type: 'lifecycle', action: 'dance' });
    raw.send({ type: 'ping', request_id: 'p', x: 1 });
    await raw.message(isType('pong'));
    expect(connection.isClosed).toBe(false);
  });
});
