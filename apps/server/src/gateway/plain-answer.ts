import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';

/** A body up to this length is written as text with its head: beyond, a copy costs more than a second piece. */
const TEXT_BYTES = 8 * 1024;

/** Writes an answer in one piece as Node would write it: the same fields in the same order. */
export function writeAnswer(socket: Socket, answer: PlainAnswer, keepAliveSeconds: number | undefined): void {
  const head = `${headText(answer, keepAliveSeconds)}\r\n`;
  const { body } = answer;
  if (body === undefined) {
    socket.write(head, 'latin1');
  } else if (body.length <= TEXT_BYTES) {
    socket.write(head + body.toString('latin1'), 'latin1');
  } else {
    socket.cork();
    socket.write(head, 'latin1');
    socket.write(body);
    socket.uncork();
  }
}

/** Writes the head of an answer whose body follows: in chunks, unless it is counted. */
export function writeHead(
  socket: Socket,
  head: PlainHead,
  isCounted: boolean,
  keepAliveSeconds: number | undefined,
): void {
  const framing = isCounted ? '' : 'Transfer-Encoding: chunked\r\n';
  socket.write(`${headText(head, keepAliveSeconds)}${framing}\r\n`, 'latin1');
}

export interface PlainHead {
  readonly status: number;
  /** Name, value, name, value … that HTTP can carry. */
  readonly headers: readonly string[];
}

export interface PlainAnswer extends PlainHead {
  /** Its length is among the headers. */
  readonly body: Buffer | undefined;
}

/** @param keepAliveSeconds how long the connection is kept for another request; undefined: it ends with this answer */
function headText({ status, headers }: PlainHead, keepAliveSeconds: number | undefined): string {
  let text = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'unknown'}\r\n`;
  for (let i = 0; i + 1 < headers.length; i += 2) text += `${headers[i]}: ${headers[i + 1]}\r\n`;
  text += `Date: ${httpDate(Date.now())}\r\n`;
  if (keepAliveSeconds === undefined) return `${text}Connection: close\r\n`;
  return `${text}Connection: keep-alive\r\nKeep-Alive: timeout=${keepAliveSeconds}\r\n`;
}

let date = { second: NaN, text: '' };

/** A second has many answers, and one date (RFC 9110 §5.6.7). */
function httpDate(ms: number): string {
  const second = Math.floor(ms / 1000);
  if (second !== date.second) date = { second, text: new Date(ms).toUTCString() };
  return date.text;
}
