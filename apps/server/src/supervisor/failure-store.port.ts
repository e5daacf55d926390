import type { FailureRecord } from './failure-record';

/** Keeps what is remembered of the plugins' failures. Rejects with `AppError` `storage_unavailable`. */
export abstract class FailureStore {
  /** By the plugin's id in lower case. A row that nobody understands any more is left out. */
  abstract all(): Promise<ReadonlyMap<string, FailureRecord>>;
  abstract save(plugin: string, record: FailureRecord): Promise<void>;
}
