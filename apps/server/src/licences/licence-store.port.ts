/** A key that somebody has entered. `enteredAt` is RFC 3339 in UTC. */
export interface EnteredKey {
  readonly key: string;
  readonly enteredAt: string;
}

/** Keeps the keys that were entered, by plugin id in lower case. All methods throw `storage_unavailable`. */
export abstract class LicenceStore {
  abstract read(pluginId: string): Promise<EnteredKey | undefined>;

  abstract list(): Promise<ReadonlyMap<string, EnteredKey>>;

  /** Puts it in the place of the one before. */
  abstract write(pluginId: string, entered: EnteredKey): Promise<void>;

  abstract remove(pluginId: string): Promise<void>;

  /**
   * Whether somebody is to be told that so many days are left of this key: it is remembered, and true once for each key and
   * number, whichever host asks. A larger number than the last one is none to tell of.
   * @param keyDigest SHA-256 of the key, in hexadecimal
   * @param days 0: it has ended
   */
  abstract claimNotice(pluginId: string, keyDigest: string, days: number): Promise<boolean>;
}
