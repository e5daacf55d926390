import { once } from 'node:events';
import type { Socket } from 'node:net';
import type { IncomingRequest } from '@toru/protocol';
import { head, problemOf, reply, TOKEN } from './testing/gateway-fixture';
import { gatewayWithPlugin } from './testing/gateway-with-plugin';

const gateway = gatewayWithPlugin();

const SIGNED_IN = { authorization: TOKEN };
const get = (path: string): string => head('GET', `/plugins/acme${path}`, SIGNED_IN);
const post = (path: string, body: string): string =>
  head('POST', `/plugins/acme${path}`, { ...SIGNED_IN, 'content-length': String(Buffer.byteLength(body)) }) + body;

describe('a plain request', () => {
  it.each<[string, number, Record<string, string>, string | undefined]>([
    ['a text', 200, { 'content-type': 'text/plain', etag: '"1"' }, 'hello'],
    ['nothing', 204, {}, undefined],
    ['an empty body', 200, {}, ''],
    ['not modified', 304, { etag: '"1"' }, undefined],
    ['a status without a name', 299, {}, 'x'],
    ['a large body', 200, { 'content-type': 'text/plain' }, 'x'.repeat(20_000)],
  ])('[PRO-7] is answered as Node would answer it: %s', async (_, status, headers, body) => {
    gateway.plugin.handler = () => ({ status, headers, ...(body === undefined ? {} : { body: Buffer.from(body) }) });
    for (const method of ['GET', 'HEAD']) {
      const whole = gateway.host.open();
      const request = head(method, '/plugins/acme/x', SIGNED_IN);
      whole.socket.write(request);
      const plain = await whole.answer(method === 'HEAD');
      expect(gateway.known).toBe(0);
      // a second request behind it makes both Node's
      const both = gateway.host.open();
      both.socket.write(request + request);
      const node = await both.answer(method === 'HEAD');
      expect(gateway.known).toBe(2);
      gateway.known = 0;
      const comparable = ({ headers }: typeof plain): unknown[] =>
        [...headers].filter(([name]) => name !== 'date' && name !== 'x-request-id');
      expect(comparable(plain)).toEqual(comparable(node));
      expect(plain).toMatchObject({ status: node.status, body: node.body });
      expect(plain.headers.get('date')).toMatch(/^\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT$/);
    }
  });

  it('[PRO-7] is followed by others on its connection, with bodies of any bytes', async () => {
    gateway.plugin.handler = ({ body }: IncomingRequest) => ({ status: 200, headers: {}, body: body as Uint8Array });
    const connection = gateway.host.open();
    for (const body of ['one', 'two \u0000 é', 'x'.repeat(60_000)]) {
      connection.socket.write(post('/x', body));
      expect((await connection.answer()).body).toBe(body);
    }
    expect(gateway.known).toBe(0);
    expect(gateway.host.accessLog.records).toMatchObject([{ status: 200, bytes: 3 }, { bytes: 8 }, { bytes: 60_000 }]);
  });

  it('[RTE-6] is answered with a stream as well, and the connection goes on', async () => {
    gateway.plugin.handler = ({ path }: IncomingRequest) => ({
      ...{ status: 200, headers: { 'content-length': '6' } },
      body:
        path === '/acme/whole'
          ? Buffer.from('wholes')
          : (stream) => void stream.write(Buffer.from('stream')).then(() => stream.end()),
    });
    const connection = gateway.host.open();
    for (const path of ['/whole', '/streamed', '/whole', '/streamed']) {
      connection.socket.write(get(path));
      expect((await connection.answer()).body).toBe(path === '/whole' ? 'wholes' : 'stream');
    }
    connection.socket.write(head('GET', '/host'));
    expect((await connection.answer()).body).toBe('host /host');
    expect(gateway.known).toBe(1);
  });

  it('[PRO-4] that is refused is answered once, with its own id, and the connection goes on', async () => {
    gateway.plugin.handler = () => ({ status: 200, headers: {} });
    const connection = gateway.host.open();
    connection.socket.write(post('/x', 'body').replace(TOKEN, 'Bearer tsc_other'));
    const refused = problemOf(await connection.answer());
    expect(refused).toMatchObject({ status: 401 });
    expect(await gateway.host.accessLog.first()).toMatchObject({ status: 401, request_id: refused.request_id });
    connection.socket.write(get('/x'));
    expect((await connection.answer()).status).toBe(200);
    expect(gateway.plugin.received).toHaveLength(1);
  });

  it('[PRO-3] of version 1 is no different', async () => {
    delete gateway.host.acme.stream;
    gateway.host.acme.answer = ({ body }) => Promise.resolve(reply({ body: `got ${body}` }));
    const connection = gateway.host.open();
    for (const body of ['é', 'x'.repeat(900)]) {
      connection.socket.write(post('/x', body));
      expect((await connection.answer()).body).toBe(`got ${body}`);
    }
    expect(gateway.known).toBe(0);
  });
});

describe('what comes behind a plain request that is not answered yet', () => {
  let answer: () => void;

  beforeEach(() => {
    gateway.plugin.handler = async ({ path, body }: IncomingRequest) => {
      const text = Buffer.from((body ?? []) as Uint8Array).toString();
      if (path === '/acme/slow') await new Promise<void>((resolve) => (answer = resolve));
      return { status: 200, headers: {}, body: Buffer.from(`${path} ${text}`) };
    };
  });

  it('[PRO-7] is answered after it', async () => {
    const connection = gateway.host.open();
    connection.socket.write(post('/slow', 'first'));
    await gateway.host.nextRequest();
    connection.socket.write(get('/fast') + head('GET', '/host'));
    while (gateway.plugin.received.length < 2) await new Promise(setImmediate);
    expect(connection.hasBytes).toBe(false);
    answer();
    expect((await connection.answer()).body).toBe('/acme/slow first');
    expect((await connection.answer()).body).toBe('/acme/fast ');
    expect((await connection.answer()).body).toBe('host /host');
    expect(gateway.plugin.received.map(({ path }) => path)).toEqual(['/acme/slow', '/acme/fast']);
  });

  it("[RTE-6] faults 20: a goodbye is taken for the client's leave", async () => {
    const connection = gateway.host.open();
    connection.socket.write(get('/slow'));
    await gateway.host.nextRequest();
    while (gateway.plugin.received.length < 1) await new Promise(setImmediate);
    connection.socket.end();
    expect(await connection.rest()).toBe('');
    expect(await gateway.host.accessLog.first()).toMatchObject({ status: 499 });
    answer();
    expect((await gateway.host.request('/plugins/acme/x')).status).toBe(200);
  });
});

describe('a connection without a request', () => {
  it('[ISO-2] stays longer than the 60 s for which nginx keeps one: whoever closes may do so while the other sends', async () => {
    expect(gateway.host.server.keepAliveTimeout).toBe(75_000);
    const connection = gateway.host.open();
    connection.socket.write(get('/x'));
    expect((await connection.answer()).headers.get('keep-alive')).toBe('timeout=75');
    connection.socket.destroy();
  });

  it('[ISO-2] faults 20: ends after a while', async () => {
    gateway.host.server.keepAliveTimeout = 1;
    const connection = gateway.host.open();
    connection.socket.write(get('/x'));
    expect((await connection.answer()).headers.get('keep-alive')).toBe('timeout=0');
    expect(await connection.rest()).toBe('');
  });
});

describe('a client that does not read its answer', () => {
  const impatient = gatewayWithPlugin({ sendIdleMs: 300 });

  it.each([
    ['sends nothing more', ''],
    ['asks the host', head('GET', '/host')],
    ['sends half a request', 'GET /plug'],
  ])('[ISO-2] faults 20: and %s loses its connection', async (_, more) => {
    const { host } = impatient;
    delete host.acme.stream;
    const asked = new Promise<void>((resolve) => {
      host.acme.answer = () => {
        resolve();
        return Promise.resolve(reply({ body: 'x'.repeat(30_000_000) }));
      };
    });
    const serverSide = once(host.server, 'connection') as Promise<[Socket]>;
    const connection = host.open();
    connection.socket.pause();
    connection.socket.write(get('/x'));
    const [socket] = await serverSide;
    const closed = new Promise((resolve) => socket.once('close', resolve));
    // the answer is out before the host reads on
    await asked;
    connection.socket.write(more);
    await closed;
    expect(host.accessLog.records).toMatchObject([{ status: 200 }]);
  });
});

describe('requests behind one another', () => {
  it('[RTE-6] [SUP-7] faults 20: a client that leaves takes all of them along', async () => {
    gateway.plugin.handler = () => new Promise(() => undefined);
    const connection = gateway.host.open();
    connection.socket.write(get('/1') + get('/2') + get('/3'));
    while (gateway.plugin.received.length < 3) await new Promise(setImmediate);
    connection.socket.destroy();
    await gateway.host.gateway.drain();
    expect(gateway.host.accessLog.records.map(({ status }) => status)).toEqual([499, 499, 499]);
  });
});

describe('the end of the host', () => {
  it('[SUP-7] closes what waits, lets what is under way finish, and refuses what is new', async () => {
    let answer: () => void = () => undefined;
    const idle = gateway.host.open();
    idle.socket.write(get('/x'));
    await idle.answer();
    const fresh = gateway.host.open();
    await once(fresh.socket, 'connect');
    gateway.plugin.handler = async () => {
      await new Promise<void>((resolve) => (answer = resolve));
      return { status: 200, headers: {}, body: Buffer.from('last') };
    };
    const busy = gateway.host.open();
    busy.socket.write(get('/slow'));
    await gateway.host.nextRequest();
    while (gateway.plugin.received.length < 2) await new Promise(setImmediate);
    const drained = gateway.host.gateway.drain();
    expect(await idle.rest()).toBe('');
    fresh.socket.write(get('/x'));
    expect(problemOf(await fresh.answer())).toMatchObject({ status: 503, code: 'shutting_down' });
    answer();
    const last = await busy.answer();
    expect(last).toMatchObject({ status: 200, body: 'last' });
    expect(last.headers.get('connection')).toBe('close');
    expect(await busy.rest()).toBe('');
    await drained;
  });

  it('[SUP-7] ends what would not end by itself', async () => {
    gateway.plugin.handler = () => new Promise(() => undefined);
    const connection = gateway.host.open();
    connection.socket.write(get('/slow'));
    await gateway.host.nextRequest();
    gateway.host.gateway.endConnections();
    expect(await connection.rest()).toBe('');
  });
});
