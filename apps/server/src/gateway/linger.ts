import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '../common';
import { hasBody } from './request-body';

/** How the rest of a request is treated that nobody wants. */
export interface LingerOptions {
  readonly clock: Clock;
  /** How long it is read and thrown away, so that the client sees the answer and not a reset, in milliseconds. */
  readonly lingerMs: number;
}

/**
 * Whether the client may still be sending the body of its request. Then the next request on the connection cannot be
 * told from the rest of this one: the answer must say `Connection: close`, and end with `endAfterRequest`.
 */
export function isUnread(request: IncomingMessage): boolean {
  return !request.complete && hasBody(request);
}

/** Ends an answer, and with it the connection, when the client has sent the rest of its request, or after a while. */
export function endAfterRequest(response: ServerResponse, { clock, lingerMs }: LingerOptions): void {
  const request = response.req;
  const end = (): void => {
    cancel();
    request.off('end', end).off('close', end).off('error', end);
    response.end();
  };
  const cancel = clock.setTimeout(end, lingerMs);
  // whoever was reading it wants no more; as long as one listens for `readable`, nothing would flow
  request.removeAllListeners('readable');
  request.on('end', end).on('close', end).on('error', end).resume();
  if (request.complete && request.readableLength === 0) end();
}
