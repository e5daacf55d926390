import type { JsonObject } from '@toru/contracts';
import { asRecord, asString, field, parseJsonBytes } from './json';
import type { ParsedJson } from './json';
import { ProtocolError } from './protocol-error';

/** Longer than any id of ours, which are UUIDs; a plugin may make its own for KV requests. */
const MAX_REQUEST_ID_CHARS = 128;

/** A message of a plugin: its envelope, and the JSON that it was read from. */
export interface MessageV1 {
  /** Any text: what type it does not know, a reader ignores. */
  readonly type: string;
  /** The outer id, or else the inner one; both are the same where both are there. */
  readonly requestId: string | undefined;
  readonly payload: JsonObject | undefined;
  readonly source: ParsedJson;
}

/**
 * Reads the envelope of one frame's payload. Throws nothing but `ProtocolError`.
 * The timestamp is not looked at: nothing depends on it, and clocks of plugins are their own affair.
 */
export function decodeMessage(bytes: Uint8Array): MessageV1 {
  const source = parseJsonBytes(bytes);
  const type = asString(source.value, 'type');
  if (type === undefined || type === '') throw new ProtocolError('invalid_envelope', 'The message has no type');
  const payload = asRecord(source.value, 'payload');
  return { type, requestId: requestIdOf(source.value, payload), payload, source };
}

function requestIdOf(message: JsonObject, payload: JsonObject | undefined): string | undefined {
  const outer = readId(message);
  const inner = readId(payload);
  if (outer !== undefined && inner !== undefined && outer !== inner) {
    throw new ProtocolError('request_id_mismatch', 'The message has one request_id outside and another one inside');
  }
  return outer ?? inner;
}

function readId(record: JsonObject | undefined): string | undefined {
  const id = field(record, 'request_id');
  if (id === undefined || id === null) return undefined;
  if (typeof id !== 'string' || id === '' || id.length > MAX_REQUEST_ID_CHARS) {
    throw new ProtocolError(
      'invalid_request_id',
      `A request_id must be a string of 1 to ${MAX_REQUEST_ID_CHARS} characters`,
    );
  }
  return id;
}
