import { once } from 'node:events';
import fc from 'fast-check';
import type { IncomingRequest, OutgoingResponse } from '@toru/protocol';
import { head, reply, TOKEN } from './testing/gateway-fixture';
import { gatewayWithPlugin } from './testing/gateway-with-plugin';

const gateway = gatewayWithPlugin();

const SIGNED_IN = { authorization: TOKEN };
const post = (path: string, body: string): string =>
  head('POST', `/plugins/acme${path}`, { ...SIGNED_IN, 'content-length': String(Buffer.byteLength(body)) }) + body;

describe('a body that comes behind the head of its request', () => {
  const echo = ({ body }: IncomingRequest): OutgoingResponse => ({
    ...{ status: 200, headers: {} },
    body: (body ?? Buffer.alloc(0)) as Uint8Array,
  });
  const [short, long] = [post('/x', 'one two'), post('/x', 'x'.repeat(70_000))];

  it.each([
    ['version 2', () => (gateway.plugin.handler = echo)],
    [
      'version 1',
      () => {
        delete gateway.host.acme.stream;
        gateway.host.acme.answer = ({ body }) => Promise.resolve(reply({ body: body ?? '' }));
      },
    ],
  ])('[PRO-7] is collected, and the connection goes on: %s', async (_, arrange) => {
    arrange();
    const connection = gateway.host.open();
    for (let i = 0; i < 2; i++) {
      const asked = gateway.host.nextRequest();
      connection.socket.write(short.slice(0, -7));
      await asked;
      for (const piece of ['one', ' t', 'wo']) {
        connection.socket.write(piece);
        await new Promise(setImmediate);
      }
      expect((await connection.answer()).body).toBe('one two');
    }
    expect(gateway.known).toBe(0);
    expect(gateway.host.accessLog.records).toMatchObject([{ status: 200 }, { status: 200 }]);
  });

  it("[RTE-6] faults 20: of a client that leaves reaches nobody, and a long one is Node's", async () => {
    gateway.plugin.handler = async ({ body }) => {
      let bytes = 0;
      for await (const chunk of body as AsyncIterable<Uint8Array>) bytes += chunk.length;
      return { status: 200, headers: {}, body: Buffer.from(String(bytes)) };
    };
    const leaving = gateway.host.open();
    const asked = gateway.host.nextRequest();
    leaving.socket.write(short.slice(0, -3));
    await asked;
    leaving.socket.destroy();
    expect(await gateway.host.accessLog.first()).toMatchObject({ status: 499 });
    expect([gateway.known, gateway.plugin.received.length]).toEqual([0, 0]);
    const connection = gateway.host.open();
    connection.socket.write(long.slice(0, -60_000));
    await once(gateway.host.server, 'request');
    connection.socket.write(long.slice(-60_000));
    expect((await connection.answer()).body).toBe('70000');
  });

  it('[RTE-6] faults 19: every request is answered once, in its turn, however the bytes are cut', async () => {
    gateway.plugin.handler = echo;
    const body = fc.oneof(fc.constant(''), fc.stringMatching(/^[ -~]{1,9}$/), fc.constant(`${short}\r\n`));
    const cuts = fc.array(fc.tuple(fc.nat(120), fc.boolean()), { maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(fc.array(body, { minLength: 1, maxLength: 4 }), cuts, async (bodies, pieces) => {
        gateway.plugin.received.length = 0;
        const connection = gateway.host.open();
        let bytes = bodies.map((text) => post('/x', text)).join('');
        for (const [length, waits] of pieces) {
          connection.socket.write(bytes.slice(0, length));
          bytes = bytes.slice(length);
          if (waits) await new Promise(setImmediate);
        }
        connection.socket.write(bytes);
        for (const text of bodies) expect(await connection.answer()).toMatchObject({ status: 200, body: text });
        expect(gateway.plugin.received).toHaveLength(bodies.length);
        connection.socket.destroy();
      }),
      { numRuns: 150 },
    );
  });
});
