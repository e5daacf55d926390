import { createHash } from 'node:crypto';

/** Of RFC 6455 §1.3: it says that the answer is meant for a WebSocket. */
const ACCEPT_GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
/** 16 bytes in base64. */
const KEY = /^[A-Za-z0-9+/]{21}[AQgw]==$/;
const VERSION = '13';
/** A protocol's name is a token (RFC 9110 §5.6.2). */
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

export type HandshakeResult =
  | { readonly ok: true; readonly accept: string; readonly protocol: string }
  | { readonly ok: false; readonly refusal: Response };

/**
 * Checks the opening handshake (RFC 6455 §4.2). Of the client's subprotocols the one that stands first in `protocols` is
 * chosen; none of them is no error: the client decides. Throws `TypeError` for a name that is no token.
 */
export function acceptHandshake(
  { method, headers }: Pick<Request, 'method' | 'headers'>,
  protocols: readonly string[],
): HandshakeResult {
  for (const name of protocols) {
    if (!TOKEN.test(name)) throw new TypeError(`${JSON.stringify(name)} is not the name of a subprotocol`);
  }
  if (method !== 'GET') return refuse(405, 'A WebSocket is asked for with GET', { allow: 'GET' });
  const key = headers.get('sec-websocket-key');
  if (
    key === null ||
    !listOf(headers.get('upgrade') ?? 'websocket').some((name) => name.toLowerCase() === 'websocket')
  ) {
    return refuse(426, 'This is for WebSocket connections', { upgrade: 'websocket' });
  }
  if (headers.get('sec-websocket-version') !== VERSION) {
    return refuse(426, 'The version of WebSocket must be 13', { 'sec-websocket-version': VERSION });
  }
  if (!KEY.test(key)) return refuse(400, 'The key of the WebSocket handshake is not valid');
  const offered = new Set(listOf(headers.get('sec-websocket-protocol') ?? ''));
  const protocol = protocols.find((name) => offered.has(name)) ?? '';
  return { ok: true, accept: acceptOf(key), protocol };
}

/** `Sec-WebSocket-Accept` for a client's key. */
export function acceptOf(key: string): string {
  return createHash('sha1')
    .update(key + ACCEPT_GUID)
    .digest('base64');
}

function listOf(header: string): string[] {
  return header.split(',').map((item) => item.trim());
}

function refuse(status: number, error: string, headers: Record<string, string> = {}): HandshakeResult {
  return { ok: false, refusal: Response.json({ error }, { status, headers }) };
}
