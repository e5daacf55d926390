import type { HttpRequestV2, JsonObject, UserV2 } from '@toru/contracts';
import { decodeHeaders } from '../header-fields';
import { asRecord, asString, field, isWellFormed } from '../json';
import { ProtocolError } from '../protocol-error';
import { isInteger } from './fields';

/** Names in lower case. A map is safe for any name; a record must have been made without assigning to `__proto__`. */
export type HeadersInput =
  ReadonlyMap<string, string | readonly string[]> | Readonly<Record<string, string | readonly string[]>>;

/** The fields of a request beside its body. */
export type RequestHead = Omit<HttpRequestV2, 'headers' | 'stream' | 'body'> & { readonly headers: HeadersInput };

export interface DecodedRequest {
  readonly method: string;
  readonly path: string;
  readonly base: string;
  readonly headers: ReadonlyMap<string, string | readonly string[]>;
  readonly user: UserV2 | null;
  readonly remote: string;
}

export interface DecodedResponse {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string | readonly string[]>;
}

/** Where the body of a message is: here, or on a stream, or nowhere. */
export interface BodyPlace {
  readonly bytes: Uint8Array | undefined;
  readonly stream: number | undefined;
}

/** The headers as they go into JSON: fromEntries defines properties and never sets them. */
export function headersRecord(headers: HeadersInput): Record<string, string | readonly string[]> {
  return headers instanceof Map
    ? (Object.fromEntries(headers) as Record<string, string | readonly string[]>)
    : (headers as Record<string, string | readonly string[]>);
}

/** Throws `ProtocolError` `invalid_http_request` or `invalid_header`. */
export function decodeHttpRequestV2(payload: JsonObject | undefined): DecodedRequest {
  const method = asString(payload, 'method');
  const path = asString(payload, 'path');
  if (!method || path === undefined) {
    throw new ProtocolError('invalid_http_request', 'A request needs a method and a path, which are strings');
  }
  return {
    method,
    path,
    base: asString(payload, 'base') ?? '',
    headers: decodeHeaders(field(payload, 'headers')),
    user: decodeUser(asRecord(payload, 'user')),
    remote: asString(payload, 'remote') ?? '',
  };
}

/** Throws `ProtocolError` `invalid_status`, `invalid_header` or `headers_too_large`. */
export function decodeHttpResponseV2(payload: JsonObject | undefined, upgrade: boolean): DecodedResponse {
  const status = field(payload, 'status');
  if (!isInteger(status, 101) || status > 599 || (status < 200 && !(upgrade && status === 101))) {
    throw new ProtocolError('invalid_status', 'The status of an answer must be a whole number from 200 to 599');
  }
  return { status, headers: decodeHeaders(field(payload, 'headers')) };
}

/**
 * Finds the one body of an `http` or `upgrade` message. `parity` is that of the sender's streams, 1 or 0.
 * Throws `ProtocolError`: `body_ambiguous`, `invalid_stream`, `body_not_text`.
 */
export function bodyOf(payload: JsonObject | undefined, tail: Uint8Array | undefined, parity: 0 | 1): BodyPlace {
  const stream = field(payload, 'stream') ?? undefined;
  const text = field(payload, 'body') ?? undefined;
  const hasTail = tail !== undefined && tail.length > 0;
  if (stream === undefined && text === undefined) return { bytes: hasTail ? tail : undefined, stream: undefined };
  if ((stream !== undefined && text !== undefined) || hasTail) {
    throw new ProtocolError('body_ambiguous', 'A message has one body: a tail, a stream or a text');
  }
  if (stream !== undefined) {
    if (!isInteger(stream, 1) || stream % 2 !== parity) {
      throw new ProtocolError('invalid_stream', 'The number of a stream is odd from the host and even from the plugin');
    }
    return { bytes: undefined, stream };
  }
  if (typeof text !== 'string' || !isWellFormed(text)) {
    throw new ProtocolError('body_not_text', 'A body inside of the JSON must be text');
  }
  return { bytes: text === '' ? undefined : Buffer.from(text), stream: undefined };
}

function decodeUser(user: JsonObject | undefined): UserV2 | null {
  const id = asString(user, 'id');
  if (id === undefined) return null;
  return { id, name: asString(user, 'name') ?? '', role: asString(user, 'role') ?? '' };
}
