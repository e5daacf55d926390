import { randomUUID } from 'node:crypto';
import { STATUS_CODES, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { ProblemDetails } from '@toru/contracts';
import { errorCode } from '../common';

/** What Node could not read, as a status; all else is 400. */
const STATUSES: ReadonlyMap<string, number> = new Map([
  ['ERR_HTTP_REQUEST_TIMEOUT', 408],
  ['HPE_HEADER_OVERFLOW', 431],
]);

const DETAILS: ReadonlyMap<number, string> = new Map([
  [400, 'The request is not valid HTTP.'],
  [405, 'This is no proxy: send the request itself.'],
  [408, 'The request took too long to arrive.'],
  [431, 'The head of the request is too long.'],
]);

/** Answers what is not readable as HTTP, and closes its connection. Knows the latest request of each connection. */
export class ClientErrors {
  private readonly latest = new WeakMap<Duplex, ServerResponse>();

  begin(socket: Duplex, response: ServerResponse): void {
    this.latest.set(socket, response);
  }

  /** The latest request of a connection; undefined before the first. */
  readonly latestResponse = (socket: Duplex): ServerResponse | undefined => this.latest.get(socket);

  readonly handle = (error: Error, socket: Duplex): void => {
    // what follows a request that was to be the last one is not read, and does not cost that one its answer
    if (errorCode(error) === 'HPE_CLOSED_CONNECTION' && this.latest.has(socket)) return;
    if (!socket.writable || errorCode(error) === 'ECONNRESET' || !this.mayWrite(socket)) {
      socket.destroy();
      return;
    }
    socket.end(rawProblem(STATUSES.get(errorCode(error)) ?? 400), () => socket.destroy());
  };

  /** `CONNECT` asks for a proxy to anywhere, which this is not. */
  readonly refuseTunnel = (_request: IncomingMessage, socket: Duplex): void => {
    if (this.mayWrite(socket)) socket.end(rawProblem(405), () => socket.destroy());
    else socket.destroy();
  };

  /**
   * Only where the answer cannot be taken for the answer to another request: nothing is in flight, or what could not
   * be read is the body of the one request whose turn it is.
   */
  private mayWrite(socket: Duplex): boolean {
    const response = this.latest.get(socket);
    if (response === undefined || response.writableFinished) return true;
    return response.socket === socket && !response.headersSent && !response.req.complete;
  }
}

function rawProblem(status: number): string {
  const requestId = randomUUID();
  const problem: ProblemDetails = {
    type: 'urn:toru:problem:malformed_request',
    title: STATUS_CODES[status] ?? 'Bad Request',
    status,
    detail: DETAILS.get(status) ?? '',
    instance: '',
    code: 'malformed_request',
    request_id: requestId,
  };
  const body = JSON.stringify(problem);
  return [
    `HTTP/1.1 ${status} ${problem.title}`,
    'Content-Type: application/problem+json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'X-Content-Type-Options: nosniff',
    'Cache-Control: no-store',
    `X-Request-Id: ${requestId}`,
    'Connection: close',
    '',
    body,
  ].join('\r\n');
}
