import { MAX_REQUEST_ID_CHARS_V2 } from '@toru/contracts';
import type { JsonObject } from '@toru/contracts';
import { field, isRecord, parseJsonBytes } from '../json';
import { ProtocolError } from '../protocol-error';
import type { DecodedRequest, DecodedResponse } from './http-v2';

/** What `String` makes of a whole number above 0; with more digits it may not be exact. */
const NUMBER = /^[1-9]\d{0,14}$/;

/** A `request_id`: the number where its characters are the digits of one, else the text. `String` gives it back. */
export type RequestKey = string | number;

/** What an `http` message without a stream and without a text for a body says beside its id. */
export type KnownHttp =
  | { readonly kind: 'request'; readonly head: DecodedRequest }
  | { readonly kind: 'response'; readonly head: DecodedResponse };

/** A message of the other side: its envelope. Which fields it must have is for the reader of its type to say. */
export interface MessageV2 {
  /** Any text: what type it does not know, a reader ignores. */
  readonly type: string;
  /** The whole message; `request_id` and `action` are read with `requestIdOf` and `field`. */
  readonly envelope: JsonObject;
  readonly payload: JsonObject | undefined;
  /** Its id, where it is known to be a right one. */
  readonly requestId?: string;
  /** The same as a number, where it is known: 0 where its characters are not the digits of one. */
  readonly requestNumber?: number;
  /** What it says, where that is known without looking into the payload. */
  readonly known?: KnownHttp;
}

/** Reads the JSON of one frame. Throws nothing but `ProtocolError`. The timestamp is not looked at. */
export function decodeMessageV2(bytes: Uint8Array): MessageV2 {
  const envelope = parseJsonBytes(bytes).value;
  const type = field(envelope, 'type');
  if (typeof type !== 'string' || type === '') throw new ProtocolError('invalid_envelope', 'The message has no type');
  const payload = field(envelope, 'payload');
  if (payload === undefined || payload === null) return { type, envelope, payload: undefined };
  if (!isRecord(payload)) throw new ProtocolError('invalid_envelope', 'The payload of the message is not an object');
  return { type, envelope, payload };
}

/** The id of a message that must have one. Throws `ProtocolError`: `missing_request_id` or `invalid_request_id`. */
export function requestIdOf(message: MessageV2): string {
  // asked for once: a familiar message makes it anew each time
  const { requestId, type } = message;
  if (requestId !== undefined) return requestId;
  const { envelope } = message;
  const id = field(envelope, 'request_id');
  if (id === undefined || id === null) {
    throw new ProtocolError('missing_request_id', `The ${type} message has no request_id`);
  }
  if (typeof id !== 'string' || id === '' || isLong(id)) {
    throw new ProtocolError(
      'invalid_request_id',
      `A request_id must be a string of 1 to ${MAX_REQUEST_ID_CHARS_V2} characters`,
    );
  }
  return id;
}

/** Characters are code points, in every language; a string's length counts some of them twice. */
function isLong(id: string): boolean {
  if (id.length <= MAX_REQUEST_ID_CHARS_V2) return false;
  return id.length > 2 * MAX_REQUEST_ID_CHARS_V2 || Array.from(id).length > MAX_REQUEST_ID_CHARS_V2;
}

/** As `requestIdOf`, as the number that its digits are; 0 for any other id, which no request of this side has. */
export function requestNumberOf(message: MessageV2): number {
  const { requestNumber } = message;
  if (requestNumber !== undefined) return requestNumber;
  const id = requestIdOf(message);
  return NUMBER.test(id) ? Number(id) : 0;
}

/** As `requestIdOf`, in the form that the requests of the other side are looked up by. */
export function requestKeyOf(message: MessageV2): RequestKey {
  return requestNumberOf(message) || requestIdOf(message);
}

/** Refuses a message that does not come from the side `role`, where `own` is this side. Throws `ProtocolError`. */
export function requireSender(role: 'host' | 'plugin', own: 'host' | 'plugin', { type }: MessageV2): void {
  if (role !== own) return;
  throw new ProtocolError('unexpected_message', `A ${type} message of this kind does not come from this side`);
}
