import type { ServerResponse } from 'node:http';
import { Logger } from '@nestjs/common';
import { AppError, problemHeaders, requestIdOf, sendProblem, toProblem, type Clock } from '../common';
import { endAfterRequest, isUnread } from './linger';

const logger = new Logger('gateway');

/** Every problem names the plugin that it is about (PRO-4), to callers who may know it. */
export function namingPlugin(error: unknown, plugin: string | undefined): unknown {
  if (!(error instanceof AppError) || error.plugin !== undefined || plugin === undefined) return error;
  if (error.status === 401 || error.status === 403) return error;
  return error.about(plugin);
}

/** The caller is told no more than the request's id of what nobody has foreseen; the log tells the rest. */
export function logUnforeseen(error: unknown, requestId: string): void {
  if (error instanceof AppError) return;
  logger.error({
    err: error,
    request_id: requestId,
    msg: 'a plugin request failed in a way that was not foreseen',
  });
}

/**
 * Answers with a problem document. Where the request's body was not read to its end, the connection is closed, since
 * the client may still be sending: the rest is thrown away for a while first, so that the client sees the answer and
 * not a reset.
 * @param lingerMs how long the rest of the body is read, in milliseconds
 */
export function replyProblem(response: ServerResponse, error: unknown, clock: Clock, lingerMs: number): void {
  const request = response.req;
  const context = { requestId: requestIdOf(request), target: request.url ?? '' };
  if (response.headersSent || response.destroyed || !isUnread(request)) {
    sendProblem(response, error, context);
    return;
  }
  const problem = toProblem(error, context);
  const body = Buffer.from(JSON.stringify(problem));
  response.writeHead(problem.status, {
    ...problemHeaders(error),
    'content-type': 'application/problem+json; charset=utf-8',
    'content-length': body.length,
    'x-content-type-options': 'nosniff',
    'x-request-id': context.requestId,
    connection: 'close',
  });
  if (request.method === 'HEAD') response.flushHeaders();
  else response.write(body);
  endAfterRequest(response, { clock, lingerMs });
}
