import type { Principal } from './principal';

/**
 * How long an answer is used again, in milliseconds: what another host revokes is refused here within this time. Whoever
 * asks again at intervals, for what stays open, sees it by interval and this time together: they are less than a second.
 */
const TTL_MS = 400;
/** Callers at one time; the ones looked up first go first. */
const MAX_ENTRIES = 1_000;

interface Entry {
  readonly lookUp: Promise<Principal | undefined>;
  /** What the look-up has found, once it has. */
  principal: Principal | undefined;
  readonly until: number;
}

/** Spares the database the same question many times a second. Only callers that were found are kept. */
export class PrincipalCache {
  private readonly entries = new Map<string, Entry>();
  /** The same, by what requests bring along, so that the same text is not taken apart and hashed again. */
  private readonly byText = new Map<string, Entry>();
  private dropsAt = 0;

  /** @param monotonic a clock that never goes back, in milliseconds */
  constructor(
    private readonly monotonic: () => number,
    private readonly maxEntries: number = MAX_ENTRIES,
  ) {}

  /**
   * At once where the caller is known, so that nobody waits for nothing; else a promise. Requests that ask for the same
   * caller at the same time share one look-up.
   */
  get(key: string, load: () => Promise<Principal | undefined>): Principal | Promise<Principal | undefined> {
    const now = this.monotonic();
    const known = this.entries.get(key);
    if (known !== undefined && known.until > now) return known.principal ?? known.lookUp;
    const entry: Entry = { lookUp: load(), principal: undefined, until: now + TTL_MS };
    this.entries.delete(key);
    this.entries.set(key, entry);
    this.bound();
    return this.settle(key, entry);
  }

  private async settle(key: string, entry: Entry): Promise<Principal | undefined> {
    try {
      entry.principal = await entry.lookUp;
      return entry.principal;
    } finally {
      if (entry.principal === undefined && this.entries.get(key) === entry) this.entries.delete(key);
    }
  }

  /** Who sent this text a moment ago; undefined where nobody is known to have. */
  byCredentials(text: string): Principal | undefined {
    const entry = this.byText.get(text);
    return entry !== undefined && entry.until > this.monotonic() ? entry.principal : undefined;
  }

  /** Remembers a text for as long as the answer to `key` is used. */
  remember(text: string, key: string): void {
    const entry = this.entries.get(key);
    if (entry === undefined) return;
    this.dropOldTexts();
    if (this.byText.size < this.maxEntries) this.byText.set(text, entry);
  }

  /** After any change of users, sessions or tokens. A look-up on its way is not kept either. */
  clear(): void {
    this.entries.clear();
    this.byText.clear();
  }

  get size(): number {
    return this.entries.size;
  }

  /** Secrets are not kept longer than they are of use. */
  private dropOldTexts(): void {
    const now = this.monotonic();
    if (now < this.dropsAt) return;
    this.dropsAt = now + TTL_MS;
    for (const [text, { until }] of this.byText) if (until <= now) this.byText.delete(text);
  }

  private bound(): void {
    for (const key of this.entries.keys()) {
      if (this.entries.size <= this.maxEntries) return;
      this.entries.delete(key);
    }
  }
}
