import { HttpErrorResponse } from '@angular/common/http';
import type { InputError } from './types';

/**
 * What a call of the REST API failed with, in the console's terms.
 *
 * `code` is the server's own code from its problem document, or `unreachable` where no answer came at all, or
 * `unexpected` where something other than the host answered (a proxy's error page).
 */
export class ApiError extends Error {
  override readonly name = 'ApiError';

  constructor(
    /** The HTTP status; 0 where no answer came. */
    readonly status: number,
    readonly code: string,
    readonly title: string,
    /** A sentence for people: what happened and what to do. */
    readonly detail: string,
    readonly requestId: string | null = null,
    /** How long the server asks to wait before the next try. */
    readonly retryAfterSeconds: number | null = null,
    /** What is wrong with which part of what was sent. */
    readonly errors: readonly InputError[] = [],
  ) {
    super(detail);
  }
}

/** Reads whatever HttpClient threw into an ApiError; an ApiError passes through. */
export function toApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  if (!(error instanceof HttpErrorResponse)) {
    return new ApiError(0, 'unexpected', 'Unexpected error', error instanceof Error ? error.message : String(error));
  }
  if (error.status === 0) return unreachable();
  return problemToApiError(error.status, error.error, error.headers.get('Retry-After'));
}

/** Reads the body of an error answer, which may be a problem document or anything else. */
export function problemToApiError(status: number, body: unknown, retryAfter: string | null): ApiError {
  const problem = asRecord(body);
  const code = text(problem['code']);
  if (code === null) {
    return new ApiError(status, 'unexpected', 'Unexpected answer', `The server answered with status ${status}.`);
  }
  const title = text(problem['title']) ?? 'Error';
  return new ApiError(
    status,
    code,
    title,
    text(problem['detail']) ?? title,
    text(problem['request_id']),
    seconds(retryAfter),
    inputErrors(problem['errors']),
  );
}

export function unreachable(): ApiError {
  return new ApiError(0, 'unreachable', 'No connection', 'The host cannot be reached. Check that it is running.');
}

/** HttpClient leaves a body as text where it cannot be read as what was asked for. */
function asRecord(body: unknown): Record<string, unknown> {
  if (typeof body === 'string') {
    try {
      return asRecord(JSON.parse(body));
    } catch {
      return {};
    }
  }
  return typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {};
}

function inputErrors(value: unknown): readonly InputError[] {
  if (!Array.isArray(value)) return [];
  return value.map(asRecord).flatMap(({ path, message }) => {
    const [where, what] = [text(path), text(message)];
    return where === null || what === null ? [] : [{ path: where, message: what }];
  });
}

function text(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

function seconds(retryAfter: string | null): number | null {
  return retryAfter !== null && /^\d{1,6}$/.test(retryAfter) ? Number(retryAfter) : null;
}
