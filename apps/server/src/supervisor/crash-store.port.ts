import type { CrashDetails, CrashSummary } from '@toru/contracts';

/** A crash that has no number yet. */
export type NewCrash = Omit<CrashDetails, 'id'>;

/** Keeps the crashes of plugins. Every method rejects with `AppError` `storage_unavailable` while the database is away. */
export abstract class CrashStore {
  /** Adds it, and removes all but the newest `keep` of the plugin. */
  abstract add(crash: NewCrash, keep: number): Promise<void>;
  /** Newest first, without the first `skip`, at most `limit`. */
  abstract list(plugin: string, skip: number, limit: number): Promise<CrashSummary[]>;
  abstract get(plugin: string, id: number): Promise<CrashDetails | undefined>;
}
