import type { Envelope, JsonObject, KvAction, KvAnswerV1, KvErrorV1, KvRequestV1 } from '@toru/contracts';
import { asRecord, asString, field, isRecord, parseJsonText } from './json';
import type { ParsedJson } from './json';
import { jsonSource } from './json-source';
import type { MessageV1 } from './messages-v1';
import { ProtocolError } from './protocol-error';

/** One family of decoders reads the outer action, in this spelling; the other one the inner, in lower case. */
const OUTER_ACTION = { get: 'Get', set: 'Set', delete: 'Delete' } as const satisfies Record<KvAction, string>;

/** The host asks a plugin to store or find something (KV-8). `timestamp`: RFC 3339, UTC. */
export function encodeKvRequest(requestId: string, request: KvRequestV1, timestamp: string): Envelope {
  const { action, key } = request;
  const fields = action === 'set' ? { key, value: request.value ?? '' } : { key };
  return {
    type: 'kv',
    timestamp,
    request_id: requestId,
    payload: {
      type: 'kv',
      request_id: requestId,
      action: OUTER_ACTION[action],
      ...fields,
      payload: { action, ...fields },
    },
  };
}

/** The host's answer to a plugin's request (KV-1..3): `value`, and an `error` beside `value: null` where it failed. */
export function encodeKvAnswer(requestId: string, answer: KvAnswerV1, timestamp: string): Envelope {
  const { error } = answer;
  const result = error ? { value: null, error: { code: error.code, message: error.message } } : { value: answer.value };
  return { type: 'kv', timestamp, request_id: requestId, payload: { type: 'kv', request_id: requestId, ...result } };
}

/** Whether a `kv` message asks for something; one that does not is an answer. */
export function isKvRequest({ type, payload }: MessageV1): boolean {
  return type === 'kv' && (field(payload, 'action') ?? field(asRecord(payload, 'payload'), 'action')) !== undefined;
}

/**
 * A plugin's request: each field is taken from the payload, or else from one level below it (protocol §3). The action
 * may have any letter case. A value that is no string becomes its JSON text. Keys and values are only checked for their
 * types here: what the storage takes is for the storage to say, in its answer. Throws nothing but `ProtocolError`.
 */
export function decodeKvRequest({ payload, source }: MessageV1): KvRequestV1 {
  const inner = asRecord(payload, 'payload');
  const action = decodeAction(asString(payload, 'action') ?? asString(inner, 'action'));
  const key = asString(payload, 'key') ?? asString(inner, 'key');
  if (key === undefined) throw new ProtocolError('invalid_kv_request', 'A kv request needs a key, which is a string');
  if (action !== 'set') return { action, key };
  const value =
    fieldText(source, payload, ['payload'], 'value') ?? fieldText(source, inner, ['payload', 'payload'], 'value');
  if (value === undefined) throw new ProtocolError('invalid_kv_request', 'A kv request to set a key needs a value');
  return { action, key, value };
}

/**
 * A plugin's answer: the value in the payload, one level below it, or in JSON text in the body of that level; the last
 * form also comes as an `http` message (protocol §3). A value that is no string becomes its JSON text.
 * Throws nothing but `ProtocolError`.
 */
export function decodeKvAnswer({ payload, source }: MessageV1): KvAnswerV1 {
  const inner = asRecord(payload, 'payload');
  const answer =
    readAnswer(source, payload, ['payload']) ??
    readAnswer(source, inner, ['payload', 'payload']) ??
    readAnswerInBody(asString(inner, 'body'));
  if (!answer) throw new ProtocolError('invalid_kv_answer', 'The kv answer has no value in any of the known places');
  return answer;
}

function decodeAction(action: string | undefined): KvAction {
  const lower = action?.toLowerCase();
  if (lower === 'get' || lower === 'set' || lower === 'delete') return lower;
  throw new ProtocolError('invalid_kv_request', 'The action of a kv request must be get, set or delete');
}

function readAnswerInBody(body: string | undefined): KvAnswerV1 | undefined {
  if (body === undefined) return undefined;
  const source = parseJsonText(body);
  return readAnswer(source, source.value, []);
}

function readAnswer(
  source: ParsedJson,
  record: JsonObject | undefined,
  path: readonly string[],
): KvAnswerV1 | undefined {
  const error = readError(record);
  if (error) return { value: null, error };
  if (field(record, 'value') === null) return { value: null };
  const value = fieldText(source, record, path, 'value');
  return value === undefined ? undefined : { value };
}

function readError(record: JsonObject | undefined): KvErrorV1 | undefined {
  const error = field(record, 'error');
  if (typeof error === 'string') return { code: 'error', message: error };
  if (!isRecord(error)) return undefined;
  return { code: asString(error, 'code') ?? 'error', message: asString(error, 'message') ?? '' };
}

/** A field's string, or the JSON text of what is no string; undefined if there is no such field. */
function fieldText(
  source: ParsedJson,
  record: JsonObject | undefined,
  path: readonly string[],
  name: string,
): string | undefined {
  const value = field(record, name);
  if (value === undefined || typeof value === 'string') return value;
  return jsonSource(source, [...path, name]);
}
