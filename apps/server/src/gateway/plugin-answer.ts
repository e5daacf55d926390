import type { HttpResponseV1 } from '@toru/contracts';
import { AppError } from '../common';
import { responseHeaders } from './response-headers';

/** What goes to the client. */
export interface PluginAnswer {
  readonly status: number;
  /** Name, value, name, value … */
  readonly headers: string[];
  readonly body: string | Uint8Array | undefined;
  /** Length of the body that is sent, in bytes. */
  readonly bytes: number;
}

/** Statuses whose answer has no body, whatever the plugin says (RFC 9110 §15). */
const BODILESS: ReadonlySet<number> = new Set([204, 205, 304]);

/**
 * Makes a safe answer of a plugin's response (PRO-3, faults 19 and 22).
 * @throws AppError `plugin_error` where it cannot be an answer at all
 */
export function pluginAnswer(response: HttpResponseV1, method: string, requestId: string): PluginAnswer {
  const { status } = response;
  if (!Number.isInteger(status) || status < 200 || status > 599) {
    throw new AppError('plugin_error', 'The plugin answered with a status that is not between 200 and 599.');
  }
  const hasBody = response.body !== null && !BODILESS.has(status);
  const { headers, contentLength } = responseHeaders(response.headers, {
    requestId,
    contentType: hasBody ? (response.bodyWasJson ? 'application/json' : 'text/plain; charset=utf-8') : undefined,
  });
  if (!hasBody) {
    const length = lengthWithoutBody(status, method, contentLength);
    if (length !== undefined) headers.push('content-length', length);
    return { status, headers, body: undefined, bytes: 0 };
  }
  const body = response.body;
  if (/\p{Surrogate}/u.test(body)) {
    throw new AppError(
      'plugin_error',
      'The plugin answered with text that has no form in UTF-8 (half a surrogate pair).',
    );
  }
  const bytes = Buffer.byteLength(body);
  headers.push('content-length', String(bytes));
  return method === 'HEAD' ? { status, headers, body: undefined, bytes: 0 } : { status, headers, body, bytes };
}

/** The head of an answer whose body comes as a stream; `bodiless` where HTTP allows none. */
export interface StreamedHead {
  readonly status: number;
  /** Name, value, name, value … */
  readonly headers: string[];
  readonly bodiless: boolean;
  /** The length that the plugin declared, and that is told to the client. */
  readonly declared: number | undefined;
}

/** The same for an answer of version 2 (PRO-7). @throws AppError `plugin_error` */
export function streamedHead(
  response: Pick<HttpResponseV1, 'status' | 'headers'>,
  method: string,
  requestId: string,
): StreamedHead {
  const { status } = response;
  const { headers, contentLength } = responseHeaders(response.headers, { requestId, contentType: undefined });
  const bodiless = BODILESS.has(status) || method === 'HEAD';
  if (bodiless) {
    const length = lengthWithoutBody(status, method, contentLength);
    if (length !== undefined) headers.push('content-length', length);
    return { status, headers, bodiless, declared: undefined };
  }
  const declared =
    contentLength !== undefined && /^[0-9]{1,15}$/.test(contentLength) ? Number(contentLength) : undefined;
  if (declared !== undefined) headers.push('content-length', String(declared));
  return { status, headers, bodiless, declared };
}

/** A HEAD without a body may tell the length that a GET would have; 204 and 304 must not. */
function lengthWithoutBody(status: number, method: string, declared: string | undefined): string | undefined {
  if (status === 204 || status === 304) return undefined;
  if (method !== 'HEAD') return '0';
  return declared !== undefined && /^[0-9]{1,15}$/.test(declared) ? declared : undefined;
}
