import { createServer, type Server } from 'node:http';
import type { Socket } from 'node:net';
import { FakeClock } from '@toru/testing';
import { ClientErrors } from './client-errors';
import type { PlainClient } from './plain-client';
import { PlainConnection, type PlainConnectionOwner } from './plain-connection';
import { PlainConnections } from './plain-connections';
import { ClientGoneError } from './request-body';
import { SlowSocket } from './testing/slow-socket';

const GET = 'GET /plugins/acme/x HTTP/1.1\r\nhost: a\r\n\r\n';
const SEND_IDLE_MS = 60_000;

let clock: FakeClock;
let socket: SlowSocket;
let connection: PlainConnection;
let client: PlainClient;
let closed: number;
let toNode: Buffer[];
let keepAliveSeconds: number | undefined;

beforeEach(() => {
  clock = new FakeClock(0);
  socket = new SlowSocket();
  closed = 0;
  toNode = [];
  keepAliveSeconds = 5;
  const owner: PlainConnectionOwner = {
    get keepAliveSeconds() {
      return keepAliveSeconds;
    },
    sendIdleMs: SEND_IDLE_MS,
    now: () => clock.monotonic(),
    take: (asked) => {
      client = asked;
      client.whenClosed(() => (closed += 1));
      return true;
    },
    giveToNode: (given) => given.on('data', (bytes: Buffer) => toNode.push(bytes)),
    expect: () => undefined,
    left: () => undefined,
  };
  connection = new PlainConnection(socket as unknown as Socket, owner);
});

const ask = (bytes = GET): void => void socket.emit('data', Buffer.from(bytes));
const answer = (): void => {
  client.answer(200, ['content-length', '2'], 'ok');
};

describe('a plain connection', () => {
  it('[ISO-2] faults 20: is idle from when its client has read the answer', async () => {
    ask();
    socket.isReading = false;
    clock.advance(1_000);
    answer();
    expect(connection.isIdle).toBe(false);
    expect(socket.timeoutMs).toBe(SEND_IDLE_MS);
    clock.advance(50_000);
    await socket.readAll();
    expect([connection.isIdle, connection.idleSince]).toEqual([true, 51_000]);
    expect(socket.timeoutMs).toBe(0);
  });

  it('[SUP-7] has its answer under way until the client has read it, once', async () => {
    ask();
    socket.isReading = false;
    answer();
    expect(closed).toBe(0);
    await socket.readAll();
    expect(closed).toBe(1);
    ask();
    answer();
    expect(closed).toBe(2);
    socket.destroy();
    expect(closed).toBe(2);
  });

  it('[SUP-7] whose client leaves before it has read the answer has none under way', async () => {
    ask();
    socket.isReading = false;
    answer();
    socket.destroy();
    await new Promise(setImmediate);
    expect(closed).toBe(1);
  });

  it.each([
    ['in one piece', answer],
    [
      'piece by piece',
      () => {
        const body = client.begin(200, [], false);
        body.write(Buffer.from('ok'));
        body.end();
      },
    ],
  ])('[SUP-7] faults 20: a client that does not read a last answer is not waited for without end: %s', (_, send) => {
    keepAliveSeconds = undefined;
    ask();
    socket.isReading = false;
    send();
    expect(socket.timeoutMs).toBe(SEND_IDLE_MS);
    expect(socket.destroyed).toBe(false);
    socket.emit('timeout');
    expect(socket.destroyed).toBe(true);
  });

  it('[SUP-7] ends when a last answer was read', async () => {
    keepAliveSeconds = undefined;
    ask();
    socket.isReading = false;
    answer();
    await socket.readAll();
    expect(socket.sent).toMatch(/Connection: close\r\n\r\nok$/);
    expect(socket.destroyed).toBe(true);
  });

  it('[RTE-6] a stream may be silent for longer than a client may read nothing', async () => {
    ask();
    socket.isReading = false;
    answer();
    ask();
    const body = client.begin(200, [], false);
    expect(socket.timeoutMs).toBe(0);
    await socket.readAll();
    expect(socket.timeoutMs).toBe(0);
    expect(closed).toBe(1);
    body.end();
    expect(closed).toBe(2);
  });

  it('[RTE-6] takes no more than a bound behind an answer that is under way, and all of it later', async () => {
    ask();
    const body = client.begin(200, ['content-length', '0'], true);
    const behind = 'x'.repeat(10_000);
    for (let i = 0; i < 10; i++) socket.push(behind);
    await new Promise(setImmediate);
    expect(socket.isPaused()).toBe(true);
    expect(socket.readableLength).toBeGreaterThan(50_000);
    body.end();
    await new Promise(setImmediate);
    expect(Buffer.concat(toNode).toString()).toBe(behind.repeat(10));
  });

  it('[PRO-4] an answer that has begun is never begun again', () => {
    ask();
    client.begin(200, [], false);
    expect(client.hasBegun).toBe(true);
    expect(client.response.destroyed).toBe(true);
    expect(socket.destroyed).toBe(true);
    expect(toNode).toEqual([]);
  });

  it('[PRO-7] is not answered directly before all of its request is there', async () => {
    ask(GET.replace('\r\n\r\n', '\r\ncontent-length: 4\r\n\r\nab'));
    expect([client.body, client.direct]).toEqual([undefined, undefined]);
    const collected = client.collect();
    ask('c');
    ask('d');
    expect((await collected)?.toString()).toBe('abcd');
    answer();
    expect([client.body?.toString(), client.direct]).toEqual(['abcd', client]);
    expect(socket.sent).toMatch(/ok$/);
  });

  it('[RTE-6] faults 20: a body that is collected ends with its client', async () => {
    ask(GET.replace('\r\n\r\n', '\r\ncontent-length: 4\r\n\r\nab'));
    const collected = client.collect();
    socket.destroy();
    await expect(collected).rejects.toThrow(ClientGoneError);
    await expect(client.collect()).rejects.toThrow(ClientGoneError);
  });

  it('[RTE-6] faults 27: only the request that is under way can end it', () => {
    ask();
    const first = client;
    answer();
    ask();
    first.cut();
    expect(socket.destroyed).toBe(false);
    client.cut();
    expect(socket.destroyed).toBe(true);
  });
});

describe('a connection without a request', () => {
  let server: Server;

  beforeEach(() => {
    server = createServer().on('clientError', new ClientErrors().handle);
    const take = (asked: PlainClient): boolean => {
      client = asked;
      return true;
    };
    new PlainConnections(server, { clock, headersTimeoutMs: 15_000, sendIdleMs: SEND_IDLE_MS, take });
    socket = new SlowSocket();
    server.emit('connection', socket);
  });

  it('[ISO-2] faults 20: is told that it was too slow when none ever came', async () => {
    clock.advance(15_000);
    expect([socket.sent, socket.writable]).toEqual(['', true]);
    clock.advance(1_000);
    await new Promise(setImmediate);
    expect(socket.sent).toMatch(/^HTTP\/1.1 408 [^]*"The request took too long to arrive."/);
    expect(socket.destroyed).toBe(true);
  });

  it('[ISO-2] faults 20: ends when it has waited for the next one as long as the server keeps it', async () => {
    ask();
    clock.advance(20_000);
    answer();
    const { sent } = socket;
    clock.advance(server.keepAliveTimeout);
    expect(socket.destroyed).toBe(false);
    clock.advance(1_000);
    await new Promise(setImmediate);
    expect([socket.destroyed, socket.sent]).toEqual([true, sent]);
  });
});
