import type { JsonObject } from '@toru/contracts';

/** What is stored of one plugin's settings. `revision` counts from 1; `updatedAt` is RFC 3339 in UTC. */
export interface StoredSettings {
  readonly values: JsonObject;
  readonly revision: number;
  readonly updatedAt: string;
}

/** Keeps what administrators have set, by plugin id in lower case. All methods throw `storage_unavailable`. */
export abstract class PluginSettingsStore {
  abstract read(pluginId: string): Promise<StoredSettings | undefined>;

  /**
   * Replaces what is stored if its revision is `revision` (0: nothing is stored).
   * @returns whether it was; false: somebody else was faster
   */
  abstract replace(pluginId: string, values: JsonObject, revision: number, now: string): Promise<boolean>;
}
