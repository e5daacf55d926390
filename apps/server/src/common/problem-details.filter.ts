import { Catch, HttpException, Logger, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { ErrorCode } from '@toru/contracts';
import type { Request, Response } from 'express';
import { AppError } from './app-error';
import { sendProblem } from './problem';
import { requestIdOf } from './request-id';

/** What Nest and its body parser throw themselves, as codes of ours. */
const CODES_BY_STATUS: ReadonlyMap<number, ErrorCode> = new Map<number, ErrorCode>([
  [400, 'malformed_request'],
  [401, 'unauthenticated'],
  [403, 'forbidden'],
  [404, 'not_found'],
  [405, 'method_not_allowed'],
  [409, 'conflict'],
  [413, 'payload_too_large'],
  [415, 'unsupported_body'],
  [429, 'too_many_requests'],
]);

/** Every error that leaves a controller becomes an RFC 9457 problem document (API-6); unforeseen ones are logged whole. */
@Catch()
export class ProblemDetailsFilter implements ExceptionFilter {
  private readonly logger = new Logger('http');

  catch(thrown: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<Request>();
    const error = toAppError(thrown);
    const requestId = requestIdOf(request);
    if (!(error instanceof AppError)) {
      this.logger.error({ err: thrown, request_id: requestId, msg: 'a request failed in a way that was not foreseen' });
    }
    sendProblem(http.getResponse<Response>(), error, { requestId, target: request.originalUrl });
  }
}

/** Translates what frameworks throw; anything unknown is handed through and becomes `internal`. */
export function toAppError(thrown: unknown): unknown {
  if (thrown instanceof AppError) return thrown;
  const status = statusOf(thrown);
  const code = status === undefined ? undefined : CODES_BY_STATUS.get(status);
  if (code === undefined) return thrown;
  return new AppError(code, detailOf(code, thrown), { cause: thrown });
}

function statusOf(thrown: unknown): number | undefined {
  if (thrown instanceof HttpException) return thrown.getStatus();
  // body-parser's errors (http-errors) carry a status and say by `expose` whether their text may be shown
  if (thrown instanceof Error && 'status' in thrown && 'expose' in thrown && thrown.expose === true) {
    return typeof thrown.status === 'number' ? thrown.status : undefined;
  }
  return undefined;
}

const DETAILS_BY_TYPE: ReadonlyMap<unknown, string> = new Map([
  ['charset.unsupported', 'The body has a character set that is not known: send JSON in UTF-8.'],
  ['encoding.unsupported', 'The body has a Content-Encoding that is not known: send it plain, or with gzip.'],
  ['entity.parse.failed', 'The body is not valid JSON.'],
  ['entity.too.large', 'The body is longer than this endpoint takes: 64 KiB, for key-value data 7 MiB.'],
  ['request.size.invalid', 'The body has not the length that Content-Length says.'],
]);

const DETAILS_BY_CODE: ReadonlyMap<ErrorCode, string> = new Map<ErrorCode, string>([
  ['malformed_request', 'The request cannot be read: its path, query or body is not encoded as it says.'],
  ['not_found', 'There is nothing under this path and method.'],
  ['payload_too_large', 'The body is longer than this endpoint takes.'],
  ['unsupported_body', 'The body has a type or encoding that this endpoint does not take: send JSON in UTF-8.'],
]);

/**
 * Always a sentence of ours: the texts of frameworks repeat the target with its query, or a piece of the body, and either
 * may hold a secret (faults 18).
 */
function detailOf(code: ErrorCode, thrown: unknown): string {
  const type = thrown instanceof Error && 'type' in thrown ? thrown.type : undefined;
  return DETAILS_BY_TYPE.get(type) ?? DETAILS_BY_CODE.get(code) ?? 'The request was refused.';
}
