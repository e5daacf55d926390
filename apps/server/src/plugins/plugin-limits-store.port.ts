import type { HttpLimits } from '@toru/contracts';

/** What is stored of one plugin's limits. `revision` counts from 1; `updatedAt` is RFC 3339 in UTC. */
export interface StoredLimits {
  readonly limits: HttpLimits;
  readonly revision: number;
  readonly updatedAt: string;
}

/** Keeps the limits that administrators have set, by plugin id in lower case. All methods throw `storage_unavailable`. */
export abstract class PluginLimitsStore {
  abstract all(): Promise<ReadonlyMap<string, StoredLimits>>;

  /**
   * Replaces what is stored if its revision is `revision` (0: nothing is stored).
   * @returns whether it was; false: somebody else was faster
   */
  abstract replace(pluginId: string, limits: HttpLimits, revision: number, now: string): Promise<boolean>;
}
