import type { Envelope, HttpRequestV1, HttpResponseV1, JsonObject } from '@toru/contracts';
import { decodeHeaders } from './header-fields';
import { asRecord, asString, field, isWellFormed, parseJsonText } from './json';
import type { ParsedJson } from './json';
import { jsonSource } from './json-source';
import type { MessageV1 } from './messages-v1';
import { ProtocolError } from './protocol-error';

/**
 * An `http` message in the form that every version 1 decoder accepts: ids and tags outside and inside (protocol §3).
 * `timestamp`: RFC 3339, UTC. Throws `ProtocolError` `body_not_text` for a body that has no UTF-8 form.
 */
export function encodeHttpRequest(requestId: string, request: HttpRequestV1, timestamp: string): Envelope {
  const { method, path, headers, body } = request;
  if (body !== null) requireText(body);
  return {
    type: 'http',
    timestamp,
    request_id: requestId,
    payload: {
      type: 'http',
      request_id: requestId,
      payload: {
        method,
        path,
        // fromEntries defines properties and never sets them, so that a header named __proto__ is one.
        headers: Object.fromEntries(headerEntries(headers)),
        body,
      },
    },
  };
}

/**
 * The answer to an HTTP request, in any of the three forms of protocol §3: in the payload, one level below it, or as
 * JSON text in the body of that level. Throws nothing but `ProtocolError`.
 *
 * The status must be a number (text such as `"200"` is refused: no form has it). A body that is a JSON value becomes
 * its text, character for character but for the whitespace.
 */
export function decodeHttpResponse(message: MessageV1): HttpResponseV1 {
  const { source, record, path } = locateResponse(message);
  return {
    status: decodeStatus(record),
    headers: decodeHeaders(field(record, 'headers')),
    ...decodeBody(source, record, path),
  };
}

/** Where the answer stands: its fields, and the way to them in the text that they come from. */
interface Located {
  readonly source: ParsedJson;
  readonly record: JsonObject;
  readonly path: readonly string[];
}

function locateResponse({ payload, source }: MessageV1): Located {
  if (payload && field(payload, 'status') !== undefined) return { source, record: payload, path: ['payload'] };
  const inner = asRecord(payload, 'payload');
  if (inner && field(inner, 'status') !== undefined) return { source, record: inner, path: ['payload', 'payload'] };
  const text = asString(inner, 'body');
  if (text !== undefined) {
    const answer = parseJsonText(text);
    if (field(answer.value, 'status') !== undefined) return { source: answer, record: answer.value, path: [] };
  }
  throw new ProtocolError('invalid_http_response', 'The answer has no status in any of the known places');
}

function decodeStatus(record: JsonObject): number {
  const status = field(record, 'status');
  if (typeof status !== 'number' || !Number.isInteger(status) || status < 200 || status > 599) {
    throw new ProtocolError('invalid_status', 'The status of an answer must be a whole number from 200 to 599');
  }
  return status;
}

function decodeBody(
  source: ParsedJson,
  record: JsonObject,
  path: readonly string[],
): Pick<HttpResponseV1, 'body' | 'bodyWasJson'> {
  const body = field(record, 'body');
  if (body === undefined || body === null) return { body: null, bodyWasJson: false };
  if (typeof body === 'string') {
    requireText(body);
    return { body, bodyWasJson: false };
  }
  return { body: jsonSource(source, [...path, 'body']), bodyWasJson: true };
}

function requireText(body: string): void {
  if (!isWellFormed(body)) {
    throw new ProtocolError('body_not_text', 'The body holds half a surrogate pair: it is not text');
  }
}

function headerEntries(headers: HttpRequestV1['headers']): Iterable<readonly [string, string]> {
  return headers instanceof Map ? (headers as ReadonlyMap<string, string>) : Object.entries(headers);
}
