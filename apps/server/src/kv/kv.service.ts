import { Injectable, Logger } from '@nestjs/common';
import type { KvAction, KvAnswer, KvAnswerV1, KvRequestV1 } from '@toru/contracts';
import { AppError, Clock, errorMessage, timestamp } from '../common';
import { namespaceOf, requireValidKey, requireValidValue } from './kv-limits';
import { KvStore } from './kv-store.port';

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
  private readonly logger = new Logger(KvService.name);

  constructor(
    private readonly store: KvStore,
    private readonly clock: Clock,
  ) {}

  /** The value, or null where none is stored. */
  async get(pluginId: string, key: string): Promise<string | null> {
    const namespace = namespaceOf(pluginId);
    requireValidKey(key);
    return (await this.store.get(namespace, key))?.value ?? null;
  }

  /** Stores the value and answers with its revision, which grows by one with each `set`. */
  async set(pluginId: string, key: string, value: string): Promise<number> {
    const namespace = namespaceOf(pluginId);
    requireValidKey(key);
    requireValidValue(value);
    return this.store.set(namespace, key, value, timestamp(this.clock.now()));
  }

  /** Removes the value; whether there was one. */
  async delete(pluginId: string, key: string): Promise<boolean> {
    const namespace = namespaceOf(pluginId);
    requireValidKey(key);
    return this.store.delete(namespace, key);
  }

  /**
   * Performs any operation. Only `get` has a value to answer with; `set` and `delete` answer null.
   * @throws AppError `kv_key_invalid`, `kv_value_invalid`, `kv_value_too_large`, `storage_unavailable`
   */
  async execute(pluginId: string, operation: KvOperation): Promise<KvAnswer> {
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

  /** Answers a plugin's own message. Errors are values here: every request gets its answer. */
  async handleKvRequest(pluginId: string, request: KvOperation): Promise<KvAnswerV1> {
    try {
      return await this.execute(pluginId, request);
    } catch (error) {
      if (error instanceof AppError) return { value: null, error: { code: error.code, message: error.message } };
      this.logger.error(`Key-value request of plugin ${pluginId} failed: ${errorMessage(error)}`);
      return { value: null, error: { code: 'internal', message: 'The host could not perform this. See its log.' } };
    }
  }
}

function valueOf({ value }: KvOperation): string {
  if (typeof value === 'string') return value;
  throw new AppError('kv_value_invalid', 'The value is missing: send it as a string, or use delete to remove the key.');
}
