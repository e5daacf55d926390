import type {
  JsonObject,
  JsonValue,
  KvActionV2,
  KvAnswersV2,
  KvItemV2,
  KvOperationAnswerV2,
  KvOperationV2,
  KvRequestV2,
  WireErrorV2,
} from '@toru/contracts';
import { asRecord, asString, field, isRecord } from '../json';
import { ProtocolError } from '../protocol-error';
import { isInteger, optionalInteger, optionalString } from './fields';

const MAX_BATCH = 100;
const MAX_LIST_LIMIT = 1000;

/** The other side answered with `error`: nothing was done. */
export class KvRefusedError extends Error {
  override readonly name = 'KvRefusedError';

  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

/** Whether a `kv` message asks for something; one that does not is an answer. */
export function isKvRequestV2(payload: JsonObject | undefined): boolean {
  return field(payload, 'action') !== undefined;
}

/** Throws `ProtocolError` `invalid_kv_request`, which is to be answered with `invalid_request`. */
export function decodeKvRequestV2(payload: JsonObject | undefined): KvRequestV2 {
  const action = asString(payload, 'action');
  if (!payload) return refuse('A kv request needs a payload');
  if (action === 'list') return decodeList(payload);
  if (action !== 'batch') return decodeOperation(payload);
  const operations = field(payload, 'operations');
  if (!Array.isArray(operations)) return refuse('A batch needs operations, which are a list');
  const list = operations as readonly JsonValue[];
  if (list.length > MAX_BATCH) return refuse(`A batch has at most ${MAX_BATCH} operations`);
  return { action, operations: list.map((item) => (isRecord(item) ? decodeOperation(item) : refuse('No operation'))) };
}

function decodeOperation(payload: JsonObject): KvOperationV2 {
  const action = asString(payload, 'action');
  const key = asString(payload, 'key');
  if (action !== 'get' && action !== 'set' && action !== 'delete') {
    return refuse('The action must be get, set, delete, list or batch; in a batch one of the first three');
  }
  if (key === undefined) return refuse('The key must be a string');
  if (action === 'get') return { action, key };
  const ifRevision = optionalInteger(payload, 'if_revision', 0);
  if (ifRevision === false) return refuse('if_revision must be a whole number');
  const condition = ifRevision === undefined ? {} : { if_revision: ifRevision };
  if (action === 'delete') return { action, key, ...condition };
  const value = asString(payload, 'value');
  const ttl = optionalInteger(payload, 'ttl_ms', 1);
  if (value === undefined) return refuse('The value must be a string');
  if (ttl === false) return refuse('ttl_ms must be a positive whole number');
  return { action, key, value, ...(ttl !== undefined && { ttl_ms: ttl }), ...condition };
}

function decodeList(payload: JsonObject): KvRequestV2 {
  const prefix = optionalString(payload, 'prefix');
  const cursor = optionalString(payload, 'cursor');
  const limit = optionalInteger(payload, 'limit', 1);
  if (prefix === false || cursor === false) return refuse('prefix and cursor must be strings');
  if (limit === false || (limit !== undefined && limit > MAX_LIST_LIMIT)) {
    return refuse(`limit must be a whole number from 1 to ${MAX_LIST_LIMIT}`);
  }
  return {
    action: 'list',
    ...(prefix !== undefined && { prefix }),
    ...(cursor !== undefined && { cursor }),
    ...(limit !== undefined && { limit }),
  };
}

function refuse(message: string): never {
  throw new ProtocolError('invalid_kv_request', message);
}

/**
 * The answer to a request with this action. Throws `KvRefusedError` for an `error`, and `ProtocolError`
 * `invalid_kv_answer` for what is no answer to it.
 */
export function decodeKvAnswerV2<A extends KvActionV2>(action: A, payload: JsonObject | undefined): KvAnswersV2[A] {
  const error = errorIn(payload);
  if (error) throw new KvRefusedError(error.code, error.message);
  return DECODERS[action](payload);
}

const DECODERS: { readonly [A in KvActionV2]: (payload: JsonObject | undefined) => KvAnswersV2[A] } = {
  get: (payload) => {
    const value = field(payload, 'value') ?? null;
    if (value !== null && typeof value !== 'string') return unusable();
    return { value, revision: revisionIn(payload) };
  },
  set: (payload) => ({ revision: revisionIn(payload) }),
  delete: (payload) => {
    const deleted = field(payload, 'deleted');
    return typeof deleted === 'boolean' ? { deleted } : unusable();
  },
  list: (payload) => {
    const items = field(payload, 'items');
    const cursor = field(payload, 'cursor') ?? null;
    if (!Array.isArray(items) || (cursor !== null && typeof cursor !== 'string')) return unusable();
    return { items: (items as readonly JsonValue[]).map(itemOf), cursor };
  },
  batch: (payload) => {
    const results = field(payload, 'results');
    if (!Array.isArray(results)) return unusable();
    return { results: (results as readonly JsonValue[]).map(resultOf) };
  },
};

function itemOf(item: JsonValue): KvItemV2 {
  const record = isRecord(item) ? item : undefined;
  const key = asString(record, 'key');
  const value = asString(record, 'value');
  return key === undefined || value === undefined ? unusable() : { key, value, revision: revisionIn(record) };
}

/** An answer inside of a batch, told by the fields that it has. */
function resultOf(item: JsonValue): KvOperationAnswerV2 {
  if (!isRecord(item)) return unusable();
  if (field(item, 'deleted') !== undefined) return DECODERS.delete(item);
  return field(item, 'value') !== undefined ? DECODERS.get(item) : DECODERS.set(item);
}

function revisionIn(payload: JsonObject | undefined): number {
  const revision = field(payload, 'revision');
  return isInteger(revision, 0) ? revision : unusable();
}

function errorIn(payload: JsonObject | undefined): WireErrorV2 | undefined {
  const error = asRecord(payload, 'error');
  return error && { code: asString(error, 'code') ?? 'error', message: asString(error, 'message') ?? '' };
}

function unusable(): never {
  throw new ProtocolError('invalid_kv_answer', 'The kv answer does not have the fields that its request asks for');
}
