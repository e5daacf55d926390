import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';

const {
  url,
  sockets: count,
  cookie,
} = JSON.parse(process.argv[2] ?? '{}') as {
  url: string;
  sockets: number;
  cookie: string;
};
/** Sockets that are opened side by side. */
const OPENING = 16;
const MESSAGE_BYTES = 64;
/** A server asks now and then whether somebody is there. */
const PING = Buffer.from([0x89, 0]);
/** Masked with zeros. */
const PONG = Buffer.from([0x8a, 0x80, 0, 0, 0, 0]);

let running = false;
let answered = 0;

/** A WebSocket with one message on its way at a time. Each sends a text of its own, so that a wrong echo is noticed. */
class EchoSocket {
  private readonly request: Buffer;
  private readonly expected: Buffer;
  private got: Buffer = Buffer.alloc(0);
  private waiting = false;

  constructor(
    private readonly socket: Socket,
    n: number,
  ) {
    const payload = Buffer.from(`socket ${n} `.padEnd(MESSAGE_BYTES, '.'));
    const mask = randomBytes(4);
    const masked = payload.map((byte, at) => byte ^ (mask[at % 4] ?? 0));
    this.request = Buffer.concat([Buffer.from([0x81, 0x80 | MESSAGE_BYTES]), mask, masked]);
    this.expected = Buffer.concat([Buffer.from([0x81, MESSAGE_BYTES]), payload]);
    socket.on('data', (chunk: Buffer) => {
      this.take(chunk);
    });
    socket.on('close', () => {
      fail(`socket ${n} was closed`);
    });
  }

  /** A message that is still on its way from the last round goes on. */
  send(): void {
    if (this.waiting) return;
    this.waiting = true;
    this.socket.write(this.request);
  }

  private takePing(): boolean {
    if (this.got[0] !== PING[0] || this.got[1] !== PING[1]) return false;
    this.got = this.got.subarray(PING.length);
    return true;
  }

  private take(chunk: Buffer): void {
    const { expected } = this;
    this.got = this.got.length === 0 ? chunk : Buffer.concat([this.got, chunk]);
    while (this.takePing()) this.socket.write(PONG);
    if (this.got.length < expected.length) return;
    const message = this.got.subarray(0, expected.length);
    if (!message.equals(expected)) fail(`instead of its own message came ${this.got.toString('latin1')}`);
    this.got = this.got.subarray(expected.length);
    this.waiting = false;
    answered += 1;
    if (running) this.send();
  }
}

function fail(why: string): never {
  console.error(why);
  process.exit(1);
}

function opened(): Promise<Socket> {
  const { hostname, port, pathname } = new URL(url);
  return new Promise((resolve) => {
    const socket = connect({ host: hostname, port: Number(port), noDelay: true });
    socket.on('error', ({ message }) => fail(message));
    socket.once('data', (chunk: Buffer) => {
      const answer = chunk.toString('latin1');
      if (!answer.startsWith('HTTP/1.1 101 ') || !answer.endsWith('\r\n\r\n')) fail(`the handshake gave ${answer}`);
      resolve(socket);
    });
    const key = randomBytes(16).toString('base64');
    const lines = [
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      `Sec-WebSocket-Key: ${key}`,
    ];
    lines.push(`Host: ${hostname}:${port}`, `Origin: http://${hostname}:${port}`, `Cookie: ${cookie}`);
    socket.write(`GET ${pathname} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
  });
}

const all: EchoSocket[] = [];
while (all.length < count) {
  const next = await Promise.all(Array.from({ length: Math.min(OPENING, count - all.length) }, opened));
  for (const socket of next) all.push(new EchoSocket(socket, all.length));
}
process.stdout.write(`${all.length}\n`);

// each line asks for so many seconds, and is answered by the messages of each
createInterface({ input: process.stdin }).on('line', (line) => {
  const begin = performance.now();
  answered = 0;
  running = true;
  for (const socket of all) socket.send();
  setTimeout(
    () => {
      running = false;
      process.stdout.write(`${(answered * 1000) / (performance.now() - begin)}\n`);
    },
    Number(line) * 1000,
  );
});
