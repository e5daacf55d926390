import type { JsonObject } from '@toru/contracts';
import { ProtocolError } from '../protocol-error';
import { decodeHttpRequestV2, decodeHttpResponseV2 } from './http-v2';
import type { DecodedRequest, DecodedResponse } from './http-v2';
import type { KnownHttp, MessageV2 } from './message-v2';

/** The host gives each request one of its own. */
const REQUEST_ID_HEADER = 'x-request-id';
const REQUEST_ID_FIELD = `"${REQUEST_ID_HEADER}":"`;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
/** Printable characters of ASCII that stand for themselves in a JSON string. */
const IS_PLAIN = new Uint8Array(256).map((_, code) =>
  Number(code >= 0x20 && code < 0x7f && code !== QUOTE && code !== BACKSLASH),
);

/** The text of an `http` message behind its id, and what it says. */
export interface FamiliarHead {
  /** What a head says that is this one but for what may differ; undefined for any other. */
  match(bytes: Buffer, idEnd: number): KnownHttp | undefined;
}

/** The first byte from `at` on that is not a plain character. */
export function plainEnd(bytes: Uint8Array, at: number): number {
  let end = at;
  while (IS_PLAIN[bytes[end] ?? QUOTE] === 1) end++;
  return end;
}

/**
 * A head to be remembered; undefined for one that is wrong, or is not written as `JSON.stringify` would: then another key
 * like one that may differ could be anywhere in it. `idEnd` is where its id ends.
 */
export function familiarHead(
  kind: KnownHttp['kind'],
  bytes: Buffer,
  idEnd: number,
  { envelope, payload }: MessageV2,
): FamiliarHead | undefined {
  if (payload === undefined || Object.hasOwn(payload, 'stream') || Object.hasOwn(payload, 'body')) return undefined;
  const text = bytes.toString('latin1');
  if (JSON.stringify(envelope) !== text) return undefined;
  const rest = text.slice(idEnd);
  try {
    return kind === 'request' ? requestHead(rest, payload) : responseHead(rest, payload);
  } catch (error) {
    if (error instanceof ProtocolError) return undefined;
    throw error;
  }
}

function responseHead(rest: string, payload: JsonObject): FamiliarHead {
  const { status, headers } = decodeHttpResponseV2(payload, false);
  return new FamiliarResponse(rest, { status, headers: sealed(headers) });
}

function requestHead(rest: string, payload: JsonObject): FamiliarHead | undefined {
  const head = decodeHttpRequestV2(payload);
  const beforePath = `","payload":{"method":${JSON.stringify(head.method)},"path":"`;
  if (!rest.startsWith(beforePath)) return undefined;
  const afterPath = rest.slice(rest.indexOf('"', beforePath.length));
  const request = { ...head, headers: sealed(head.headers) };
  const id = head.headers.get(REQUEST_ID_HEADER);
  const at = afterPath.indexOf(REQUEST_ID_FIELD) + REQUEST_ID_FIELD.length;
  // Another field of that name would have to be outside of the headers.
  const isOnce = at >= REQUEST_ID_FIELD.length && !afterPath.includes(REQUEST_ID_FIELD, at);
  if (typeof id !== 'string' || !isOnce || !afterPath.startsWith(`${id}"`, at)) {
    return new FamiliarRequest(request, rest, beforePath, afterPath, '', '');
  }
  return new FamiliarRequest(request, rest, beforePath, afterPath.slice(0, at), id, afterPath.slice(at + id.length));
}

class FamiliarResponse implements FamiliarHead {
  readonly #known: KnownHttp;
  readonly #rest: Buffer;

  constructor(rest: string, head: DecodedResponse) {
    this.#known = { kind: 'response', head };
    this.#rest = Buffer.from(rest, 'latin1');
  }

  match(bytes: Buffer, idEnd: number): KnownHttp | undefined {
    return isRest(bytes, idEnd, this.#rest) ? this.#known : undefined;
  }
}

/** `whole`, or `beforePath`, a path, `beforeId`, an id as long as `id`, `afterId`. */
class FamiliarRequest implements FamiliarHead {
  readonly #known: KnownHttp;
  readonly #head: DecodedRequest;
  readonly #beforePath: Buffer;
  readonly #beforeId: Buffer;
  readonly #id: string;
  readonly #afterId: Buffer;
  readonly #whole: Buffer;

  constructor(head: DecodedRequest, whole: string, beforePath: string, beforeId: string, id: string, afterId: string) {
    this.#known = { kind: 'request', head };
    this.#head = head;
    this.#beforePath = Buffer.from(beforePath, 'latin1');
    this.#beforeId = Buffer.from(beforeId, 'latin1');
    this.#id = id;
    this.#afterId = Buffer.from(afterId, 'latin1');
    this.#whole = Buffer.from(whole, 'latin1');
  }

  match(bytes: Buffer, idEnd: number): KnownHttp | undefined {
    return isRest(bytes, idEnd, this.#whole) ? this.#known : this.#matchParts(bytes, idEnd);
  }

  #matchParts(bytes: Buffer, idEnd: number): KnownHttp | undefined {
    const idBytes = this.#id.length;
    const pathAt = idEnd + this.#beforePath.length;
    const pathEnd = plainEnd(bytes, pathAt);
    const idAt = pathEnd + this.#beforeId.length;
    if (bytes.length - idAt !== idBytes + this.#afterId.length) return undefined;
    if (!isAt(bytes, idEnd, this.#beforePath) || !isAt(bytes, pathEnd, this.#beforeId)) return undefined;
    if (idBytes > 0 && plainEnd(bytes, idAt) !== idAt + idBytes) return undefined;
    if (!isAt(bytes, idAt + idBytes, this.#afterId)) return undefined;
    const { method, base, user, remote } = this.#head;
    let { headers } = this.#head;
    const id = bytes.toString('latin1', idAt, idAt + idBytes);
    if (id !== this.#id) headers = new Map(headers).set(REQUEST_ID_HEADER, id);
    const path = bytes.toString('latin1', pathAt, pathEnd);
    return { kind: 'request', head: { method, path, base, headers, user, remote } };
  }
}

function isRest(bytes: Buffer, at: number, rest: Buffer): boolean {
  return bytes.length - at === rest.length && isAt(bytes, at, rest);
}

/** Whether `part` stands at this place, which has room for it. */
function isAt(bytes: Buffer, at: number, part: Buffer): boolean {
  return bytes.compare(part, 0, part.length, at, at + part.length) === 0;
}

/** Messages share it from now on, so nobody may change it. */
function sealed<K, V>(map: ReadonlyMap<K, V>): ReadonlyMap<K, V> {
  const refuse = (): never => {
    throw new TypeError('The headers of a message cannot be changed');
  };
  for (const value of map.values()) Object.freeze(value);
  return Object.defineProperties(map, { set: { value: refuse }, delete: { value: refuse }, clear: { value: refuse } });
}
