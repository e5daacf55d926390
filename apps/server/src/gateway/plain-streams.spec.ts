import { once } from 'node:events';
import { Agent, get as httpGet, type IncomingMessage } from 'node:http';
import fc from 'fast-check';
import type { SendStream } from '@toru/protocol';
import { head, TOKEN } from './testing/gateway-fixture';
import { gatewayWithPlugin } from './testing/gateway-with-plugin';

const gateway = gatewayWithPlugin();

const SIGNED_IN = { authorization: TOKEN };
const GET = head('GET', '/plugins/acme/x', SIGNED_IN);

/** The plugin answers with a stream, which the test writes. */
function answerWithStream(headers: Record<string, string> = {}, { plugin } = gateway): Promise<SendStream> {
  return new Promise((resolve) => {
    plugin.handler = () => ({
      ...{ status: 200, headers },
      body: async (stream) => {
        resolve(stream);
        await new Promise((closed) => stream.onClose(closed));
      },
    });
  });
}

describe('a streamed answer to a plain request', () => {
  it.each<[string, number, Record<string, string>]>([
    ['in chunks', 200, { 'content-type': 'text/plain', etag: '"1"' }],
    ['of a known length', 206, { 'content-length': '30006', 'content-range': 'bytes 0-30005/30006' }],
    ['without a body', 204, {}],
    ['not modified', 304, { etag: '"1"' }],
  ])('[RTE-6] faults 19: is byte for byte what Node would send: %s', async (_, status, headers) => {
    gateway.plugin.handler = () => ({
      ...{ status, headers },
      body: async (stream) => {
        for (const piece of ['one', '\u0000\r\n', 'x'.repeat(30_000)]) await stream.write(Buffer.from(piece, 'latin1'));
        stream.end();
      },
    });
    const comparable = (text: string): string =>
      text
        .replace(/^(?:Date|x-request-id): .*\r\n/gm, '')
        .replace(/\r\n[0-9a-f]+\r\n(?=[^]*\r\n0\r\n)|^[0-9a-f]+\r\n/gm, '');
    for (const method of ['GET', 'HEAD']) {
      const request = head(method, '/plugins/acme/x', SIGNED_IN);
      const last = head('GET', '/host', { connection: 'close' });
      const plain = gateway.host.open();
      plain.socket.write(request);
      await once(plain.socket, 'data');
      expect(gateway.known).toBe(0);
      plain.socket.write(last);
      // a second request behind it makes both Node's
      const node = gateway.host.open();
      node.socket.write(request + last);
      const [ours, nodes] = await Promise.all([plain.rest(), node.rest()]);
      expect(comparable(ours)).toEqual(comparable(nodes));
      gateway.known = 0;
    }
  });

  it('[PRO-7] arrives whole and in order at clients that share a connection, in whatever pieces it comes', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    let connections = 0;
    gateway.host.server.on('connection', () => (connections += 1));
    const ask = async (): Promise<Buffer> => {
      const options = {
        host: '127.0.0.1',
        port: gateway.host.port,
        path: '/plugins/acme/x',
        headers: SIGNED_IN,
        agent,
      };
      const response = await new Promise<IncomingMessage>((resolve, reject) =>
        httpGet(options, resolve).on('error', reject),
      );
      const chunks: Buffer[] = [];
      for await (const chunk of response) chunks.push(chunk as Buffer);
      return Buffer.concat(chunks);
    };
    const piece = fc.oneof(fc.uint8Array({ maxLength: 20 }), fc.integer({ min: 8_000, max: 80_000 }));
    const turns = fc.array(fc.tuple(piece, fc.boolean()), { maxLength: 6 });
    await fc
      .assert(
        fc.asyncProperty(turns, fc.boolean(), async (pieces, isCounted) => {
          const parts = pieces.map(([part], i) => (typeof part === 'number' ? Buffer.alloc(part, `${i}\r\n`) : part));
          const whole = Buffer.concat(parts);
          gateway.plugin.handler = () => ({
            status: 200,
            headers: new Map(isCounted ? [['content-length', String(whole.length)]] : []),
            body: async (stream) => {
              for (const [i, part] of parts.entries()) {
                await stream.write(part);
                if (pieces[i]?.[1] === true) await new Promise(setImmediate);
              }
              stream.end();
            },
          });
          expect((await ask()).equals(whole)).toBe(true);
        }),
        { numRuns: 100 },
      )
      .finally(() => agent.destroy());
    expect([gateway.known, connections]).toEqual([0, 1]);
  });

  it('[RTE-6] faults 20: ends in the plugin when its client leaves, and is logged with what was sent', async () => {
    const answered = answerWithStream();
    const connection = gateway.host.open();
    connection.socket.write(GET);
    const stream = await answered;
    await stream.write(Buffer.from('some'));
    await once(connection.socket, 'data');
    const told = new Promise((resolve) => stream.onClose(resolve));
    connection.socket.destroy();
    expect(await told).toMatchObject({ code: 'client_gone' });
    expect(await gateway.host.accessLog.first()).toMatchObject({ status: 200, bytes: 4 });
  });

  it.each([
    ['of any length', {}],
    ['of a known length', { 'content-length': '4' }],
  ])('[PRO-4] faults 19: is never complete when the plugin breaks off: %s', async (_, headers) => {
    const answered = answerWithStream(headers);
    const connection = gateway.host.open();
    connection.socket.write(GET);
    const stream = await answered;
    await stream.write(Buffer.from('ab'));
    connection.socket.write(head('GET', '/host'));
    await once(connection.socket, 'data');
    stream.abort({ code: 'broken', message: 'no more' });
    const text = await connection.rest();
    expect(text).toContain('ab');
    expect(text).not.toMatch(/\r\n0\r\n|host \/host/);
  });
});

describe('a client that reads nothing', () => {
  const impatient = gatewayWithPlugin({ sendIdleMs: 300 });

  it('[RTE-6] faults 20: slows the plugin down, and loses its connection', async () => {
    const answered = answerWithStream({}, impatient);
    const connection = impatient.host.open();
    connection.socket.pause();
    connection.socket.write(GET);
    const stream = await answered;
    let written = 0;
    const broken = (async () => {
      for (; written < 100_000_000; written += 60_000) await stream.write(Buffer.alloc(60_000));
    })();
    await expect(broken).rejects.toHaveProperty('code');
    expect(written).toBeLessThan(50_000_000);
  });
});

describe('what comes behind a streamed answer', () => {
  it.each([
    ['a plain request', GET, 0],
    ['requests to the host', head('GET', '/host') + GET, 2],
    ['a long body', head('POST', '/plugins/acme/x', { ...SIGNED_IN, 'content-length': '300000' }), 1],
  ])('[PRO-7] is answered after it: %s', async (_, request, toNode) => {
    const answered = answerWithStream({ 'content-length': '2' });
    const connection = gateway.host.open();
    connection.socket.write(GET);
    const stream = await answered;
    gateway.plugin.handler = () => ({ status: 200, headers: {}, body: Buffer.from('next') });
    await stream.write(Buffer.from('a'));
    await once(connection.socket, 'data');
    connection.socket.write(request + 'x'.repeat(request.startsWith('POST') ? 300_000 : 0));
    await stream.write(Buffer.from('b'));
    stream.end();
    expect((await connection.answer()).body).toBe('ab');
    if (request.includes('/host')) expect((await connection.answer()).body).toBe('host /host');
    expect((await connection.answer()).body).toBe('next');
    expect(gateway.known).toBe(toNode);
  });
});

describe('the end of the host', () => {
  it('[SUP-7] waits for a streamed answer, and refuses what follows on its connection', async () => {
    const answered = answerWithStream();
    const connection = gateway.host.open();
    connection.socket.write(GET);
    const stream = await answered;
    await stream.write(Buffer.from('ab'));
    await once(connection.socket, 'data');
    const drained = gateway.host.gateway.drain();
    stream.end();
    await drained;
    expect((await connection.answer()).headers.get('transfer-encoding')).toBe('chunked');
    connection.socket.write(GET);
    const text = await connection.rest();
    expect(text).toMatch(/^2\r\nab\r\n0\r\n\r\nHTTP\/1.1 503 /);
  });

  it('[SUP-7] an answer that begins meanwhile says that it is the last', async () => {
    gateway.plugin.handler = async () => {
      void gateway.host.gateway.drain();
      await new Promise(setImmediate);
      return {
        ...{ status: 200, headers: {} },
        body: async (stream) => {
          await stream.write(Buffer.from('ab'));
          stream.end();
        },
      };
    };
    const connection = gateway.host.open();
    connection.socket.write(GET);
    const { headers } = await connection.answer();
    expect(headers.get('connection')).toBe('close');
    expect(await connection.rest()).toBe('2\r\nab\r\n0\r\n\r\n');
  });
});
