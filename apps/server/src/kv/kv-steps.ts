import type { KvDeleteV2, KvOperationAnswerV2, KvOperationV2, KvSetV2 } from '@toru/contracts';
import { AppError, timestamp } from '../common';
import { MAX_ANSWER_BYTES, requireValidKey, requireValidValue } from './kv-limits';
import { ANSWER_TOO_LARGE, CONFLICT, QUOTA_EXCEEDED } from './kv-store.port';
import type { KvStep, KvWrite, Refused, StoredValue } from './kv-store.port';

/**
 * A checked operation, as the store takes it; `now` in milliseconds since the epoch.
 * @throws AppError `kv_key_invalid`, `kv_value_invalid`, `kv_value_too_large`
 */
export function stepOf(operation: KvOperationV2, now: number): KvStep {
  if (operation.action !== 'get') return writeOf(operation, now);
  requireValidKey(operation.key);
  return operation.key;
}

/** @throws AppError `kv_key_invalid`, `kv_value_invalid`, `kv_value_too_large` */
export function writeOf(operation: KvSetV2 | KvDeleteV2, now: number): KvWrite {
  const { key, if_revision: ifRevision = null } = operation;
  requireValidKey(key);
  if (operation.action === 'delete') return { key, value: null, size: 0, expiresAt: null, ifRevision };
  const { value, ttl_ms: ttlMs } = operation;
  requireValidValue(value);
  const size = Buffer.byteLength(key) + Buffer.byteLength(value);
  return { key, value, size, expiresAt: ttlMs === undefined ? null : timestamp(now + ttlMs), ifRevision };
}

/** What the store answered, as the protocol says it. */
export function answerOf(operation: KvOperationV2, outcome: StoredValue | number | null): KvOperationAnswerV2 {
  if (typeof outcome === 'number')
    return operation.action === 'set' ? { revision: outcome } : { deleted: outcome === 1 };
  return outcome === null ? { value: null, revision: 0 } : { value: outcome.value, revision: outcome.revision };
}

/** What the store refused, for people. */
export function refusal(outcome: Refused): AppError {
  switch (outcome) {
    case CONFLICT:
      return new AppError('kv_conflict', 'The key has another revision than if_revision says: read it again.');
    case QUOTA_EXCEEDED:
      return new AppError(
        'kv_quota_exceeded',
        'The plugin may not store more: delete values, give them a time to live, or ask for a higher TORU_KV_QUOTA_BYTES.',
      );
    case ANSWER_TOO_LARGE:
      return new AppError(
        'kv_value_too_large',
        `The values that the batch reads have more than ${MAX_ANSWER_BYTES} bytes together: read them in several batches.`,
      );
  }
}
