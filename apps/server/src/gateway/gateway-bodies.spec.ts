import type { AbortSignalLike } from '@toru/protocol';
import type { ProblemDetails } from '@toru/contracts';
import { GatewayFixture, head, reply, TOKEN } from './testing/gateway-fixture';

let host: GatewayFixture;

async function start(options: ConstructorParameters<typeof GatewayFixture>[0] = {}): Promise<void> {
  host = new GatewayFixture(options);
  await host.start();
}
afterEach(() => host.stop());

const signedIn = { authorization: TOKEN };
const post = (headers: Record<string, string>): string => head('POST', '/plugins/acme/x', { ...signedIn, ...headers });

function codeOf(body: string): string {
  return (JSON.parse(body) as ProblemDetails).code;
}

/** Resolves with the signal of the next exchange with the plugin, which then never ends. */
/** Resolves when it is aborted. */
function aborted(signal: AbortSignalLike): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', resolve);
  });
}

function neverAnswer(): Promise<AbortSignalLike> {
  return new Promise((resolve) => {
    host.acme.answer = (_, { signal }) => {
      resolve(signal);
      return new Promise(() => undefined);
    };
  });
}

describe('bodies', () => {
  beforeEach(() => start());

  it.each([
    ['no length', '', null],
    ['a length of 0', 'content-length: 0\r\n', null],
    ['a byte order mark', 'content-length: 4\r\n', '\ufeffx'],
  ])('[PRO-7] a body with %s', async (_, lengthHeader, body) => {
    await host.raw(post({}).replace(/\r\n$/, `${lengthHeader}\r\n`) + (body ?? ''));
    expect(host.acme.received[0]?.request.body).toBe(body);
  });

  it('[PRO-7] a chunked body arrives whole, however it is cut, with its length', async () => {
    const connection = host.open();
    const chunks = Buffer.from(`${post({ 'transfer-encoding': 'chunked' })}3\r\n\u017ea\r\n2\r\nbc\r\n0\r\n\r\n`);
    for (const byte of chunks) connection.socket.write(Buffer.of(byte));
    await connection.answer();
    expect(host.acme.received[0]?.request).toMatchObject({ body: '\u017eabc', headers: { 'content-length': '5' } });
    expect(host.acme.headers).not.toHaveProperty('transfer-encoding');
  });

  it.each([
    ['ff', 'ff'],
    ['half a character', 'c5'],
    ['an encoded surrogate', 'eda080'],
    ['an overlong slash', 'c0af'],
  ])('[PRO-7] %s is no text: 415, and the connection goes on', async (_, hex) => {
    const body = Buffer.from(hex, 'hex');
    const connection = host.open();
    connection.socket.write(Buffer.concat([Buffer.from(post({ 'content-length': String(body.length) })), body]));
    const answer = await connection.answer();
    expect(answer.status).toBe(415);
    expect(codeOf(answer.body)).toBe('unsupported_body');
    expect(answer.body).toContain('version 1');
    expect(host.acme.received).toEqual([]);
    connection.socket.write(head('GET', '/next'));
    expect((await connection.answer()).body).toBe('host /next');
  });

  it('faults 20: a body of exactly the limit passes, one byte more is a 413', async () => {
    expect((await host.request('/plugins/acme/x', { method: 'POST', body: 'x'.repeat(1024) })).status).toBe(200);
    const answer = await host.request('/plugins/acme/x', { method: 'POST', body: 'x'.repeat(1025) });
    expect(answer.status).toBe(413);
    expect(host.acme.received).toHaveLength(1);
  });

  it('faults 20: a declared length over the limit is a 413 before any of it is sent', async () => {
    const connection = host.open();
    connection.socket.write(post({ 'content-length': '1000000000000' }));
    const answer = await connection.answer();
    expect(answer.status).toBe(413);
    expect(codeOf(answer.body)).toBe('payload_too_large');
    expect(answer.headers.get('connection')).toBe('close');
    expect(await connection.rest()).toBe('');
  });

  it('faults 20: an endless chunked body is a 413, then the connection is closed', async () => {
    const connection = host.open();
    connection.socket.write(post({ 'transfer-encoding': 'chunked' }));
    const chunk = `400\r\n${'x'.repeat(1024)}\r\n`;
    const pump = (): void => {
      if (connection.socket.writable) connection.socket.write(chunk, () => setImmediate(pump));
    };
    pump();
    const answer = await connection.answer();
    expect(answer.status).toBe(413);
    expect(answer.headers.get('connection')).toBe('close');
    await connection.rest();
    expect(host.acme.received).toEqual([]);
    expect((await host.request('/plugins/acme/x')).status).toBe(200);
  });

  it('[RTE-5] a refused request with a body still to come is answered and its connection closed', async () => {
    const connection = host.open();
    connection.socket.write(head('POST', '/plugins/acme/x', { 'content-length': '100' }));
    expect((await connection.answer()).status).toBe(401);
    expect(await connection.rest()).toBe('');
  });
});

describe('Expect: 100-continue', () => {
  beforeEach(() => start());
  const expectation = { expect: '100-continue', 'content-length': '4' };

  it('faults 20: the body is asked for after the request was admitted', async () => {
    const connection = host.open();
    connection.socket.write(post(expectation));
    expect((await connection.answer()).status).toBe(100);
    connection.socket.write('body');
    expect((await connection.answer()).status).toBe(200);
    expect(host.acme.received[0]?.request).toMatchObject({ body: 'body' });
    expect(host.acme.headers).not.toHaveProperty('expect');
  });

  it.each([
    ['too long a body', { ...signedIn, ...expectation, 'content-length': '1025' }, 413],
    ['no caller', expectation, 401],
  ])('faults 20: %s is refused without asking for it', async (_, headers, status) => {
    const connection = host.open();
    connection.socket.write(head('POST', '/plugins/acme/x', headers));
    expect((await connection.answer()).status).toBe(status);
    expect(await connection.rest()).toBe('');
  });

  it("the host's own requests are served as without a gateway", async () => {
    const connection = host.open();
    connection.socket.write(head('POST', '/host', expectation));
    expect((await connection.answer()).status).toBe(100);
    connection.socket.write('body');
    expect((await connection.answer()).body).toBe('host /hostbody');
  });
});

describe('requests that are no HTTP', () => {
  beforeEach(() => start());
  const smuggled = head('GET', '/plugins/acme/smuggled', signedIn);

  it.each([
    ['length and chunks', post({ 'content-length': '4', 'transfer-encoding': 'chunked' }) + `0\r\n\r\n${smuggled}`],
    ['chunks and length', post({ 'transfer-encoding': 'chunked', 'content-length': '4' }) + `0\r\n\r\n${smuggled}`],
    ['two lengths', post({ 'content-length': '0', 'Content-Length': '5' }) + smuggled],
    ['a list of lengths', post({ 'content-length': '0, 5' }) + smuggled],
    ['a length with a sign', post({ 'content-length': '+5' }) + smuggled],
    ['a length over 64 bits', post({ 'content-length': '99999999999999999999' }) + smuggled],
    ['an unknown coding', post({ 'transfer-encoding': 'chunked, identity' }) + smuggled],
    ['a space before the colon', post({ 'transfer-encoding ': 'chunked' }) + smuggled],
    ['a folded header', post({ 'x-a': 'b\r\n transfer-encoding: chunked' }) + smuggled],
    ['a bare line feed', post({ 'x-a': 'b\ntransfer-encoding: chunked' }) + smuggled],
    ['a control character', post({ 'x-a': 'b\u0000c' }) + smuggled],
    ['no host', `GET /plugins/acme/x HTTP/1.1\r\nauthorization: ${TOKEN}\r\n\r\n`],
    ['garbage', '\u0016\u0003\u0001 hello\r\n\r\n'],
    ['a bad chunk size', post({ 'transfer-encoding': 'chunked' }) + `zz\r\n\r\n${smuggled}`],
  ])('faults 19: %s: 400, closed, and the plugin sees nothing', async (_, bytes) => {
    const connection = host.open();
    connection.socket.write(Buffer.from(bytes, 'latin1'));
    const answer = await connection.answer();
    expect(answer.status).toBe(400);
    expect(answer.headers.get('connection')).toBe('close');
    expect(await connection.rest()).not.toContain('HTTP/');
    expect(host.acme.received).toEqual([]);
  });

  it('faults 19: two Host headers are refused', async () => {
    const answer = await host.raw(head('GET', '/plugins/acme/x', { ...signedIn, Host: 'evil.example' }));
    expect(answer.status).toBe(400);
    expect(host.acme.received).toEqual([]);
  });

  it('faults 20: a head without end is a 431', async () => {
    const answer = await host.raw(head('GET', '/plugins/acme/x', { 'x-long': 'v'.repeat(32 * 1024) }));
    expect(answer.status).toBe(431);
    expect(codeOf(answer.body)).toBe('malformed_request');
  });

  it('faults 8: what follows a request in flight is never answered in its place', async () => {
    const asked = neverAnswer();
    const connection = host.open();
    connection.socket.write(head('GET', '/plugins/acme/x', signedIn));
    const signal = await asked;
    connection.socket.write('garbage\r\n\r\n');
    expect(await connection.rest()).toBe('');
    expect(signal.aborted).toBe(true);
  });
});

describe('slow clients and clients that leave', () => {
  it('[PRO-3] faults 20: a client that leaves aborts the exchange', async () => {
    await start();
    const asked = neverAnswer();
    const connection = host.open();
    connection.socket.write(head('POST', '/plugins/acme/x', signedIn));
    const signal = await asked;
    expect(signal.aborted).toBe(false);
    connection.socket.destroy();
    await aborted(signal);
    expect(await host.accessLog.first()).toMatchObject({ status: 499, plugin: 'acme', bytes: 0 });
    expect(host.acme.received).toHaveLength(1);
  });

  it('faults 20: an answer that comes after the client left goes nowhere', async () => {
    await start();
    let finish: () => void = () => undefined;
    const asked = new Promise<AbortSignalLike>((resolve) => {
      host.acme.answer = (_, { signal }) => {
        resolve(signal);
        return new Promise((done) => (finish = () => done(reply())));
      };
    });
    const connection = host.open();
    connection.socket.write(head('GET', '/plugins/acme/x', signedIn));
    const signal = await asked;
    connection.socket.destroy();
    await aborted(signal);
    finish();
    host.acme.answer = () => Promise.resolve(reply());
    expect((await host.request('/plugins/acme/y')).status).toBe(200);
    expect(host.accessLog.records.map(({ status }) => status)).toEqual([499, 200]);
  });

  it('faults 20: a client that leaves in the middle of its body costs nothing', async () => {
    await start();
    const connection = host.open();
    connection.socket.write(`${post({ 'content-length': '100' })}half`, () => connection.socket.destroy());
    expect(await host.accessLog.first()).toMatchObject({ status: 499 });
    expect(host.acme.received).toEqual([]);
  });

  it('[ISO-2] faults 20: a body that does not come holds up nobody', async () => {
    await start();
    const slow = host.open();
    slow.socket.write(`${post({ 'content-length': '100' })}half`);
    expect((await host.request('/plugins/acme/x')).status).toBe(200);
    expect((await host.request('/plugins/other/x')).status).toBe(200);
    slow.socket.write('x'.repeat(96));
    expect((await slow.answer()).status).toBe(200);
  });

  it('faults 20: a client that does not read holds up nobody, and is dropped in the end', async () => {
    await start({ sendIdleMs: 100 });
    host.acme.answer = () => Promise.resolve(reply({ body: 'x'.repeat(14 * 1024 * 1024) }));
    const slow = host.open();
    slow.socket.pause();
    slow.socket.write(head('GET', '/plugins/acme/x', signedIn));
    expect((await host.request('/plugins/other/x')).status).toBe(200);
    while (!host.accessLog.records.some(({ plugin }) => plugin === 'acme')) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(host.accessLog.records).toContainEqual(expect.objectContaining({ plugin: 'acme', status: 200 }));
  });

  it.each([
    ['a plugin', '/plugins/acme/x'],
    ['the host', '/host'],
  ])('faults 20: a body for %s that does not come in time is a 408', async (_, path) => {
    await start({ requestTimeoutMs: 50 });
    const connection = host.open();
    connection.socket.write(`${head('POST', path, { ...signedIn, 'content-length': '100' })}half`);
    const answer = await connection.answer();
    expect([answer.status, codeOf(answer.body)]).toEqual([408, 'request_timeout']);
    expect(answer.headers.get('connection')).toBe('close');
    expect(await connection.rest()).toBe('');
    expect(host.acme.received).toEqual([]);
  });

  it('faults 20: the server gives slow heads a limited time, and uploads as long as they go on', async () => {
    await start({ headersTimeoutMs: 1234 });
    expect(host.server).toMatchObject({ headersTimeout: 1234, requestTimeout: 0 });
  });
});
