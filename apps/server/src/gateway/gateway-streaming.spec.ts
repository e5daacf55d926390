import { once } from 'node:events';
import type { ReceiveStream } from '@toru/protocol';
import { GatewayFixture, head, problemOf, TOKEN, type Answer } from './testing/gateway-fixture';
import { StreamingPlugin } from './testing/streaming-plugin';

let host: GatewayFixture;
let plugin: StreamingPlugin;

beforeEach(async () => {
  host = new GatewayFixture();
  plugin = new StreamingPlugin();
  await Promise.all([host.start(), plugin.start()]);
  host.acme.stream = plugin.channel;
});
afterEach(async () => {
  await host.stop();
  await plugin.stop();
});

const FILE = Buffer.alloc(200_000, '0123456789');
const SIGNED_IN = { authorization: TOKEN };

async function collected(body: Uint8Array | ReceiveStream | undefined): Promise<Buffer> {
  if (body === undefined || body instanceof Uint8Array) return Buffer.from(body ?? []);
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** A plugin that serves `FILE` as RFC 9110 has it: whole, in part, or not at all. */
function serveFile(): void {
  plugin.handler = ({ headers, method }) => {
    const known = { etag: '"v1"', 'last-modified': 'Wed, 21 Oct 2026 07:28:00 GMT', 'accept-ranges': 'bytes' };
    if (headers.get('if-none-match') === '"v1"') return { status: 304, headers: known };
    if (headers.has('if-match') && headers.get('if-match') !== '"v1"') return { status: 412, headers: known };
    const range = /^bytes=(\d+)-(\d+)$/.exec(String(headers.get('range')));
    const [first, last] = range === null ? [0, FILE.length - 1] : [Number(range[1]), Number(range[2])];
    if (first >= FILE.length) return { status: 416, headers: { 'content-range': `bytes */${FILE.length}` } };
    const body = FILE.subarray(first, last + 1);
    return {
      status: range === null ? 200 : 206,
      headers: {
        ...{ ...known, 'content-type': 'text/plain', 'content-length': String(body.length) },
        ...(range === null ? {} : { 'content-range': `bytes ${first}-${last}/${FILE.length}` }),
      },
      body: method === 'HEAD' ? undefined : body,
    };
  };
}

describe('ranges and conditions', () => {
  beforeEach(serveFile);

  it.each([
    [{}, 200, undefined, FILE.length],
    [{ range: 'bytes=5-9' }, 206, 'bytes 5-9/200000', 5],
    [{ range: 'bytes=0-150000', 'if-range': '"v1"' }, 206, 'bytes 0-150000/200000', 150_001],
    [{ range: 'bytes=200000-200001' }, 416, 'bytes */200000', 0],
    [{ 'if-none-match': '"v1"' }, 304, undefined, undefined],
    [{ 'if-none-match': '"v0"' }, 200, undefined, FILE.length],
    [{ 'if-match': '"v0"' }, 412, undefined, 0],
  ])('[PRO-7] [RTE-6] %j is answered by the plugin: %i', async (headers, status, range, length) => {
    const answer = await host.request('/plugins/acme/file', { headers });
    const [first = 0] = /\d+/.exec(range ?? '')?.map(Number) ?? [];

    expect(answer.status).toBe(status);
    expect(answer.headers.get('content-range')).toBe(range);
    expect(answer.headers.get('content-length')).toBe(length === undefined ? undefined : String(length));
    if (status !== 416) expect(answer.headers.get('etag')).toBe('"v1"');
    expect(answer.body).toBe(status < 300 ? FILE.toString().slice(first, first + (length ?? 0)) : '');
    expect(Object.fromEntries(plugin.received[0]?.headers ?? [])).toMatchObject(headers);
  });

  it('[PRO-7] a HEAD has the headers of a GET and no body, even if the plugin sends one', async () => {
    const connection = host.open();
    const heads: Answer[] = [];
    for (const body of [undefined, FILE]) {
      plugin.handler = () => ({ status: 200, headers: { 'content-length': '200000' }, ...(body && { body }) });
      connection.socket.write(head('HEAD', '/plugins/acme/file', SIGNED_IN));
      heads.push(await connection.answer(true));
    }
    // what would be left of a body would be taken for this answer
    connection.socket.write(head('GET', '/host'));
    expect((await connection.answer()).body).toBe('host /host');
    expect(heads.map(({ status, headers }) => [status, headers.get('content-length')])).toEqual([
      [200, '200000'],
      [200, '200000'],
    ]);
  });

  it.each([
    ['more', 199_999],
    ['less', 200_001],
  ])('faults 19: an answer of %s than it declared ends with its connection', async (_, declared) => {
    plugin.handler = () => ({ status: 200, headers: { 'content-length': String(declared) }, body: FILE });
    const connection = host.open();
    connection.socket.write(head('GET', '/plugins/acme/file', SIGNED_IN) + head('GET', '/host'));
    expect(await connection.rest()).not.toContain('host /host');
  });
});

describe('uploads', () => {
  beforeEach(() => {
    plugin.handler = async ({ body }) => {
      const bytes = await collected(body);
      return { status: 200, headers: { 'content-length': String(bytes.length) }, body: bytes };
    };
  });

  it.each([4, 100_000])('[PRO-7] Expect: 100-continue with %i bytes: the client is asked for them', async (size) => {
    const connection = host.open();
    const expects = { ...SIGNED_IN, expect: '100-continue', 'content-length': String(size) };
    connection.socket.write(head('POST', '/plugins/acme/x', expects));
    expect((await connection.answer()).status).toBe(100);
    connection.socket.write('x'.repeat(size));

    const answer = await connection.answer();
    expect([answer.status, answer.body.length]).toEqual([200, size]);
    expect(plugin.received[0]?.headers.has('expect')).toBe(false);
  });

  it.each([
    [{}, 401],
    [{ ...SIGNED_IN, 'content-length': '99999999999999' }, 413],
  ])('faults 20: with %j it is refused without being asked for: %i', async (headers, status) => {
    const connection = host.open();
    const expects = { expect: '100-continue', 'content-length': '100000', ...headers };
    connection.socket.write(head('POST', '/plugins/acme/x', expects));
    const answer = await connection.answer();

    expect(problemOf(answer).status).toBe(status);
    expect(answer.headers.get('connection')).toBe('close');
  });

  it('[PRO-7] faults 19: trailers of a request reach nobody, and the connection goes on', async () => {
    const connection = host.open();
    const chunked = { ...SIGNED_IN, 'transfer-encoding': 'chunked', trailer: 'x-toru-role', te: 'trailers' };
    connection.socket.write(head('POST', '/plugins/acme/x', chunked));
    await once(host.server, 'request');
    connection.socket.write('3\r\nabc\r\n0\r\nx-toru-role: root\r\nx-late: yes\r\n\r\n');
    connection.socket.write(head('GET', '/host'));

    const answer = await connection.answer();
    expect(answer).toMatchObject({ status: 200, body: 'abc' });
    const seen = Object.fromEntries(plugin.received[0]?.headers ?? []);
    expect(seen).toMatchObject({ 'x-toru-role': 'admin' });
    for (const name of ['trailer', 'te', 'x-late']) expect(seen).not.toHaveProperty(name);
    expect((await connection.answer()).body).toBe('host /host');
  });

  it('[RTE-6] events are flushed one by one', async () => {
    let next: () => void = () => undefined;
    plugin.handler = () => ({
      ...{ status: 200, headers: { 'content-type': 'text/event-stream', trailer: 'x-late' } },
      body: async (stream) => {
        for (let i = 0; i < 3; i++) {
          await stream.write(Buffer.from(`data: ${i}\n\n`));
          await new Promise<void>((resolve) => (next = resolve));
        }
        stream.end();
      },
    });
    const connection = host.open();
    let text = '';
    connection.socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
    connection.socket.write(head('GET', '/plugins/acme/events', SIGNED_IN));
    for (let i = 0; i < 3; i++) {
      while (!text.includes(`data: ${i}\n\n`)) await once(connection.socket, 'data');
      next();
    }
    while (!text.endsWith('0\r\n\r\n')) await once(connection.socket, 'data');
    expect(text.toLowerCase()).not.toContain('trailer');
  });

  it.each(['text/event-stream', 'Text/Event-Stream; charset=utf-8'])(
    '[SUP-7] %s: a host that stops ends events, whole, and does not wait for them',
    async (type) => {
      let told: Promise<unknown> | undefined;
      plugin.handler = () => ({
        ...{ status: 200, headers: { 'content-type': type } },
        body: async (stream) => {
          told = new Promise((resolve) => stream.onClose(resolve));
          await stream.write(Buffer.from('data: 1\n\n'));
          await told;
        },
      });
      const connection = host.open();
      connection.socket.write(head('GET', '/plugins/acme/events', SIGNED_IN));
      await once(connection.socket, 'data');
      connection.socket.write(head('GET', '/plugins/acme/events', SIGNED_IN));
      await host.gateway.drain();
      expect(await told).toMatchObject({ code: 'shutting_down' });
      const text = await connection.rest();
      expect(text).toContain('data: 1\n\n\r\n0\r\n\r\nHTTP/1.1 503');
      expect(text).toContain('shutting_down');
    },
  );
});
