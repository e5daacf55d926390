import { connect, type Socket } from 'node:net';
import type { Front } from './front';

const CHUNK = Buffer.alloc(65_536, '.');
const READ_BYTES = 262_144;
const EXPECTED = Buffer.alloc(READ_BYTES, '.');
const END_OF_HEAD = Buffer.from('\r\n\r\n');

/** Asks for so many bytes, and looks at each that comes. */
export async function download(front: Front, bytes: number): Promise<void> {
  let received = 0;
  await exchange(front, 'GET', `/download?bytes=${bytes}`, [], {
    bytes,
    take(chunk) {
      if (!chunk.equals(EXPECTED.subarray(0, chunk.length))) throw new Error('The download has other bytes');
      received += chunk.length;
      return received;
    },
  });
}

/** Sends so many bytes, and compares what the plugin says that it got. */
export async function upload(front: Front, bytes: number): Promise<void> {
  const expected = JSON.stringify({ bytes });
  let text = '';
  const send = (socket: Socket): void => {
    let left = bytes;
    const more = (): void => {
      while (left > 0) {
        const chunk = CHUNK.subarray(0, left);
        left -= chunk.length;
        if (!socket.write(chunk)) return void socket.once('drain', more);
      }
    };
    more();
  };
  const headers = [`Content-Length: ${bytes}`];
  await exchange(front, 'POST', '/upload', headers, {
    bytes: expected.length,
    send,
    take(chunk) {
      text += chunk.toString();
      return text.length;
    },
  });
  if (text !== expected) throw new Error(`The upload was answered ${text}`);
}

interface Bodies {
  /** Of the answer; its Content-Length must say the same. */
  readonly bytes: number;
  readonly send?: (socket: Socket) => void;
  /** Gives how many bytes of the answer there were so far. */
  readonly take: (chunk: Buffer) => number;
}

/** One request on a connection of its own, as little work for this side as can be: `node:http` would be the slowest part. */
function exchange(front: Front, method: string, path: string, more: readonly string[], bodies: Bodies): Promise<void> {
  const { hostname, port, pathname, search } = new URL(front.url(path));
  const own = [`Host: ${hostname}:${port}`, `Cookie: ${front.headers.cookie ?? ''}`, 'X-Requested-With: bench'];
  const head = [`${method} ${pathname}${search} HTTP/1.1`, ...own, ...more].join('\r\n');
  return new Promise((resolve, reject) => {
    let answer: Buffer | undefined = Buffer.alloc(0);
    const take = (chunk: Buffer): void => {
      let body: Buffer = chunk;
      if (answer !== undefined) {
        answer = Buffer.concat([answer, chunk]);
        const end = answer.indexOf(END_OF_HEAD);
        if (end < 0) return;
        checkHead(answer.toString('latin1', 0, end), bodies.bytes);
        body = answer.subarray(end + END_OF_HEAD.length);
        answer = undefined;
      }
      if (bodies.take(body) < bodies.bytes) return;
      resolve();
      socket.destroy();
    };
    const onread = {
      buffer: Buffer.alloc(READ_BYTES),
      callback(length: number, buffer: Uint8Array): boolean {
        try {
          // the buffer is used again for the next read
          take(Buffer.from(buffer.buffer, buffer.byteOffset, length));
        } catch (error) {
          socket.destroy(error as Error);
        }
        return true;
      },
    };
    const socket = connect({ host: hostname, port: Number(port), noDelay: true, onread });
    socket.once('error', reject);
    socket.once('close', () => {
      reject(new Error(`${method} ${path}: the connection was closed before the answer was whole`));
    });
    socket.write(`${head}\r\n\r\n`);
    bodies.send?.(socket);
  });
}

function checkHead(head: string, bytes: number): void {
  const expected = new RegExp(`\\r\\ncontent-length: *${bytes}(\\r\\n|$)`, 'i');
  if (!head.startsWith('HTTP/1.1 200 ') || !expected.test(head)) {
    throw new Error(`Content-Length: ${bytes} was expected, and came:\n${head}`);
  }
}
