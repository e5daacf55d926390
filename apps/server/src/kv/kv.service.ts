import { Injectable, Logger } from '@nestjs/common';
import type {
  KvAction,
  KvAnswer,
  KvAnswerV1,
  KvAnswerV2,
  KvBatchAnswerV2,
  KvDeleteV2,
  KvListAnswerV2,
  KvListV2,
  KvOperationV2,
  KvRequestV1,
  KvRequestV2,
  KvSetV2,
} from '@toru/contracts';
import { AppError, Clock, errorMessage, timestamp } from '../common';
import { KvCounts } from './kv-counts';
import { cursorAfter, endOfPrefix, keyOfCursor } from './kv-cursor';
import {
  DEFAULT_LIST_LIMIT,
  MAX_ANSWER_BYTES,
  namespaceOf,
  requireValidKey,
  requireValidPrefix,
  requireValidValue,
} from './kv-limits';
import { inBatch, parseKvRequest } from './kv-operations';
import { BatchRefusal, CONFLICT, KvStore, QUOTA_EXCEEDED, type StoredValue } from './kv-store.port';
import { answerOf, refusal, stepOf, writeOf } from './kv-steps';

/** What a plugin, or its page in the console, asks for. */
export interface KvOperation {
  readonly action: KvAction;
  readonly key: string;
  /** Belongs to `set` alone. */
  readonly value?: string | null;
}

/** Key-value storage, one namespace for each plugin: always the caller's own (KV-1 to KV-4). */
@Injectable()
export class KvService {
  /** What was asked for, for whoever watches over it. */
  readonly counts = new KvCounts();
  private readonly logger = new Logger(KvService.name);

  constructor(
    private readonly store: KvStore,
    private readonly clock: Clock,
  ) {}

  /** The value, or null where none is stored. */
  async get(pluginId: string, key: string): Promise<string | null> {
    return (await this.read(pluginId, key))?.value ?? null;
  }

  /** Stores the value and answers with its revision, which is larger than every earlier one of the key. */
  async set(pluginId: string, key: string, value: string): Promise<number> {
    return this.write(pluginId, { action: 'set', key, value });
  }

  /** Removes the value; whether there was one. */
  async delete(pluginId: string, key: string): Promise<boolean> {
    return (await this.write(pluginId, { action: 'delete', key })) === 1;
  }

  /**
   * One page of the plugin's values, in the order of the UTF-8 bytes of their keys. It may be shorter than its limit
   * where the values are large; there is more as long as there is a cursor.
   * @throws AppError `kv_key_invalid` (the prefix), `kv_cursor_invalid`, `storage_unavailable`
   */
  async list(pluginId: string, request: KvListV2): Promise<KvListAnswerV2> {
    const namespace = namespaceOf(pluginId);
    const { prefix = '', cursor, limit = DEFAULT_LIST_LIMIT } = request;
    requireValidPrefix(prefix);
    const from = cursor === undefined ? prefix : keyOfCursor(prefix, cursor);
    const range = { from, exclusive: cursor !== undefined, before: endOfPrefix(prefix), limit };
    const { items, more } = await this.store.list(namespace, { ...range, maxBytes: MAX_ANSWER_BYTES }, this.now());
    const last = items.at(-1);
    return { items, cursor: more && last !== undefined ? cursorAfter(prefix, last.key) : null };
  }

  /**
   * All of the operations, one after the other, or none of them: then the error names the first that was refused.
   * @throws AppError of any operation, and `kv_value_too_large` when one answer cannot hold all that they read.
   */
  async batch(pluginId: string, operations: readonly KvOperationV2[]): Promise<KvBatchAnswerV2> {
    const namespace = namespaceOf(pluginId);
    const now = this.clock.now();
    const steps = operations.map((operation, index) => inBatch(index, () => stepOf(operation, now)));
    if (steps.length === 0) return { results: [] };
    const outcomes = await this.store.batch(namespace, steps, MAX_ANSWER_BYTES, timestamp(now));
    if (outcomes instanceof BatchRefusal) {
      const { index, outcome } = outcomes;
      return inBatch(index, () => {
        throw refusal(outcome);
      });
    }
    return { results: operations.map((operation, index) => answerOf(operation, outcomes[index] ?? null)) };
  }

  /** Performs an operation of version 2 (KV-6). Errors are values here: it never rejects. */
  perform(pluginId: string, request: KvRequestV2): Promise<KvAnswerV2> {
    return this.settle(pluginId, () => this.dispatch(pluginId, request));
  }

  /** Answers a plugin's own message of version 2, whatever its payload is. It never rejects. */
  answer(pluginId: string, payload: unknown): Promise<KvAnswerV2> {
    return this.settle(pluginId, () => this.dispatch(pluginId, parseKvRequest(payload)));
  }

  /**
   * Performs any operation. Only `get` has a value to answer with; `set` and `delete` answer null.
   * @throws AppError `kv_key_invalid`, `kv_value_invalid`, `kv_value_too_large`, `storage_unavailable`
   */
  execute(pluginId: string, operation: KvOperation): Promise<KvAnswer> {
    return this.counts.count(pluginId, operation.action, this.executeOne(pluginId, operation));
  }

  private async executeOne(pluginId: string, operation: KvOperation): Promise<KvAnswer> {
    switch (operation.action) {
      case 'get':
        return { value: await this.get(pluginId, operation.key) };
      case 'set':
        await this.set(pluginId, operation.key, valueOf(operation));
        return { value: null };
      case 'delete':
        await this.delete(pluginId, operation.key);
        return { value: null };
    }
  }

  /**
   * Checks an operation without performing it: the storage that a plugin keeps itself gets nothing else than the host's
   * own does (KV-8).
   * @throws AppError `kv_key_invalid`, `kv_value_invalid`, `kv_value_too_large`
   */
  check(operation: KvOperation): KvRequestV1 {
    const { action, key } = operation;
    requireValidKey(key);
    if (action !== 'set') return { action, key };
    const value = valueOf(operation);
    requireValidValue(value);
    return { action, key, value };
  }

  /** Answers a plugin's own message of version 1. Errors are values here: every request gets its answer. */
  async handleKvRequest(pluginId: string, request: KvOperation): Promise<KvAnswerV1> {
    try {
      return await this.execute(pluginId, request);
    } catch (error) {
      return { value: null, error: this.describe(pluginId, error) };
    }
  }

  private async settle(pluginId: string, work: () => Promise<KvAnswerV2>): Promise<KvAnswerV2> {
    try {
      return await work();
    } catch (error) {
      return { error: this.describe(pluginId, error) };
    }
  }

  private describe(pluginId: string, error: unknown): { readonly code: string; readonly message: string } {
    if (error instanceof AppError) return { code: error.code, message: error.message };
    this.logger.error(`Key-value request of plugin ${pluginId} failed: ${errorMessage(error)}`);
    return { code: 'internal', message: 'The host could not perform this. See its log.' };
  }

  private dispatch(pluginId: string, request: KvRequestV2): Promise<KvAnswerV2> {
    return this.counts.count(pluginId, request.action, this.dispatchOne(pluginId, request));
  }

  private async dispatchOne(pluginId: string, request: KvRequestV2): Promise<KvAnswerV2> {
    switch (request.action) {
      case 'get':
        return answerOf(request, await this.read(pluginId, request.key));
      case 'set':
      case 'delete':
        return answerOf(request, await this.write(pluginId, request));
      case 'list':
        return this.list(pluginId, request);
      case 'batch':
        return this.batch(pluginId, request.operations);
    }
  }

  private read(pluginId: string, key: string): Promise<StoredValue | null> {
    const namespace = namespaceOf(pluginId);
    requireValidKey(key);
    return this.store.get(namespace, key, this.now());
  }

  private async write(pluginId: string, operation: KvSetV2 | KvDeleteV2): Promise<number> {
    const namespace = namespaceOf(pluginId);
    const now = this.clock.now();
    const outcome = await this.store.write(namespace, writeOf(operation, now), timestamp(now));
    if (outcome === CONFLICT || outcome === QUOTA_EXCEEDED) throw refusal(outcome);
    return outcome;
  }

  private now(): string {
    return timestamp(this.clock.now());
  }
}

function valueOf({ value }: KvOperation): string {
  if (typeof value === 'string') return value;
  throw new AppError('kv_value_invalid', 'The value is missing: send it as a string, or use delete to remove the key.');
}
