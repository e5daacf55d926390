/** Remembers the highest time that any host of this database has seen. All methods throw `storage_unavailable`. */
export abstract class ClockStore {
  /** As it is stored, RFC 3339 in UTC unless somebody has broken it; undefined: none was ever seen. */
  abstract highest(): Promise<unknown>;

  /** Nothing where a higher one is remembered. */
  abstract raise(time: string): Promise<void>;

  /** In the place of a higher one, too. */
  abstract replace(time: string): Promise<void>;
}
