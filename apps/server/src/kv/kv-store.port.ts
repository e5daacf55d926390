/** A stored value and how often it was set, beginning with 1. */
export interface StoredValue {
  readonly value: string;
  readonly revision: number;
}

/**
 * Keeps the values of all plugins. Keys and values arrive checked. What was acknowledged survives the death of the host.
 * Every method rejects with `AppError` `storage_unavailable` while the database cannot be used.
 */
export abstract class KvStore {
  abstract get(namespace: string, key: string): Promise<StoredValue | null>;
  /** Answers with the new revision. `updatedAt` is RFC 3339 in UTC. */
  abstract set(namespace: string, key: string, value: string, updatedAt: string): Promise<number>;
  /** Whether there was anything to remove. */
  abstract delete(namespace: string, key: string): Promise<boolean>;
}
