/** A stored value and its revision: larger than every earlier one of its key, also than those before a delete. */
export interface StoredValue {
  readonly value: string;
  readonly revision: number;
}

export interface StoredItem extends StoredValue {
  readonly key: string;
}

/** A `set`, or a `delete` where `value` is null. */
export interface KvWrite {
  readonly key: string;
  readonly value: string | null;
  /** Bytes of UTF-8 of key and value; 0 for a `delete`. */
  readonly size: number;
  /** From then on there is no such value; null: it stays. */
  readonly expiresAt: string | null;
  /** Only if the key has this revision, 0: only if there is no such key; null: whatever it has. */
  readonly ifRevision: number | null;
}

/** A part of the keys of a plugin, in the order of their UTF-8 bytes. Texts are compared by these bytes too. */
export interface KvRange {
  /** The first key that may be in it. */
  readonly from: string;
  /** `from` itself is not in it. */
  readonly exclusive: boolean;
  /** The first key after it; null: there is no end. */
  readonly before: string | null;
  /** At most so many items … */
  readonly limit: number;
  /** … and at most so many bytes of keys and values, but always the first item. */
  readonly maxBytes: number;
}

export interface StoredPage {
  readonly items: readonly StoredItem[];
  /** Whether the range has more than these. */
  readonly more: boolean;
}

/** One operation of a batch: a write, or the key of a `get`. */
export type KvStep = KvWrite | string;

/** What a write answers instead of its result when it was not done: the key has another revision … */
export const CONFLICT = -1;
/** … or the plugin would store more than it may. */
export const QUOTA_EXCEEDED = -2;
/** Why a batch was not done: it reads more than its answer can hold. */
export const ANSWER_TOO_LARGE = -3;
export type Refused = typeof CONFLICT | typeof QUOTA_EXCEEDED | typeof ANSWER_TOO_LARGE;

/** A batch of which nothing was done, because of its operation number `index`, counted from 0. */
export class BatchRefusal extends Error {
  constructor(
    readonly index: number,
    readonly outcome: Refused,
  ) {
    super(`operation ${index} of a batch was refused`);
  }
}

/** Collects what the steps of a batch answer; what is refused is thrown, so that its transaction is taken back. */
export class BatchResults {
  readonly outcomes: (StoredValue | null | number)[] = [];
  private bytes = 0;

  constructor(private readonly maxBytes: number) {}

  /** @throws BatchRefusal */
  add(outcome: StoredValue | null | number): void {
    if (typeof outcome === 'number') {
      if (outcome < 0) throw new BatchRefusal(this.outcomes.length, outcome as Refused);
    } else if (outcome !== null) {
      this.bytes += Buffer.byteLength(outcome.value);
      if (this.bytes > this.maxBytes) throw new BatchRefusal(this.outcomes.length, ANSWER_TOO_LARGE);
    }
    this.outcomes.push(outcome);
  }
}

/**
 * Keeps the values of all plugins. Keys and values arrive checked. What was acknowledged survives the death of the host.
 * `now` and all times are RFC 3339 in UTC, of fixed width. Writes for one plugin happen one after the other, also those
 * of several hosts on one database, so that its quota is exact: the bytes of what has not expired, after each write that
 * makes them more. Every method rejects with `AppError` `storage_unavailable` while the database cannot be used.
 */
export abstract class KvStore {
  abstract get(namespace: string, key: string, now: string): Promise<StoredValue | null>;
  /** Answers a `set` with the new revision, a `delete` with 1 or 0 (whether there was a value), or `CONFLICT`, `QUOTA_EXCEEDED`. */
  abstract write(namespace: string, write: KvWrite, now: string): Promise<number>;
  abstract list(namespace: string, range: KvRange, now: string): Promise<StoredPage>;
  /**
   * One after the other, all of them or none: for each `get` what it found, for each write what `write` answers. All
   * values that it reads have at most `maxBytes` bytes together.
   */
  abstract batch(
    namespace: string,
    steps: readonly KvStep[],
    maxBytes: number,
    now: string,
  ): Promise<readonly (StoredValue | null | number)[] | BatchRefusal>;
  /** Everybody who ever stored something. */
  abstract namespaces(): Promise<readonly string[]>;
  /** Removes at most `limit` expired values and answers how many there were. They are gone for readers already. */
  abstract purge(namespace: string, now: string, limit: number): Promise<number>;
}
