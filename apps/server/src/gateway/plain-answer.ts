import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';

/** A body up to this length is written as text with its head: beyond, a copy costs more than a second piece. */
const TEXT_BYTES = 8 * 1024;

/** Writes an answer as Node would write it: the same fields in the same order. */
export function writeAnswer(socket: Socket, answer: PlainAnswer, keepAliveSeconds: number | undefined): void {
  const head = headText(answer, keepAliveSeconds);
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

export interface PlainAnswer {
  readonly status: number;
  /** Name, value, name, value … that HTTP can carry, with the length of the body. */
  readonly headers: readonly string[];
  readonly body: Buffer | undefined;
}

/** @param keepAliveSeconds how long the connection is kept for another request; undefined: it ends with this answer */
function headText({ status, headers }: PlainAnswer, keepAliveSeconds: number | undefined): string {
  let text = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'unknown'}\r\n`;
  for (let i = 0; i + 1 < headers.length; i += 2) text += `${headers[i]}: ${headers[i + 1]}\r\n`;
  text += `Date: ${httpDate(Date.now())}\r\n`;
  if (keepAliveSeconds === undefined) return `${text}Connection: close\r\n\r\n`;
  return `${text}Connection: keep-alive\r\nKeep-Alive: timeout=${keepAliveSeconds}\r\n\r\n`;
}

let date = { second: NaN, text: '' };

/** A second has many answers, and one date (RFC 9110 §5.6.7). */
function httpDate(ms: number): string {
  const second = Math.floor(ms / 1000);
  if (second !== date.second) date = { second, text: new Date(ms).toUTCString() };
  return date.text;
}
