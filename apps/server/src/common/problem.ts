import type { ServerResponse } from 'node:http';
import { ERRORS, type ErrorCode, type ProblemDetails } from '@toru/contracts';
import { AppError } from './app-error';

/** Where a problem happened. */
export interface ProblemContext {
  readonly requestId: string;
  /** The request target; its query is cut off, since it may hold secrets. */
  readonly target: string;
}

/** The problem document of any error. An unforeseen one tells the caller nothing but the request id. */
export function toProblem(error: unknown, context: ProblemContext): ProblemDetails {
  const known = error instanceof AppError ? error : undefined;
  const code: ErrorCode = known?.code ?? 'internal';
  const entry = ERRORS[code];
  return {
    type: `urn:toru:problem:${code}`,
    title: entry.title,
    status: entry.status,
    detail: known?.message ?? 'Something unexpected happened. The host log tells more under this request id.',
    instance: pathOf(context.target),
    code,
    request_id: context.requestId,
    ...(known?.plugin === undefined ? {} : { plugin: known.plugin }),
    ...(known?.errors === undefined ? {} : { errors: known.errors }),
  };
}

/** Headers that go with an error beside its body. */
export function problemHeaders(error: unknown): Record<string, string> {
  const headers: Record<string, string> = { 'cache-control': 'no-store' };
  if (error instanceof AppError) {
    if (error.retryAfterSeconds !== undefined)
      headers['retry-after'] = String(Math.max(1, Math.ceil(error.retryAfterSeconds)));
    if (error.code === 'unauthenticated') headers['www-authenticate'] = 'Bearer realm="toru"';
  }
  return headers;
}

/** Answers a raw `node:http` response with a problem document; does nothing when the answer has begun already. */
export function sendProblem(response: ServerResponse, error: unknown, context: ProblemContext): void {
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  const body = Buffer.from(JSON.stringify(toProblem(error, context)));
  response.writeHead(toStatus(error), {
    ...problemHeaders(error),
    'content-type': 'application/problem+json; charset=utf-8',
    'content-length': body.length,
    'x-content-type-options': 'nosniff',
    'x-request-id': context.requestId,
  });
  response.end(response.req.method === 'HEAD' ? undefined : body);
}

function toStatus(error: unknown): number {
  return error instanceof AppError ? error.status : ERRORS.internal.status;
}

function pathOf(target: string): string {
  const query = target.indexOf('?');
  return (query === -1 ? target : target.slice(0, query)).slice(0, 2048);
}
