/** How one kind of counter slows guesses down. */
interface Policy {
  /** Failures without any delay. */
  readonly free: number;
  /** The delay after the first failure beyond those, in milliseconds; doubled with each further one. */
  readonly baseMs: number;
  readonly maxMs: number;
}

/** One account from one address: a person who mistypes never notices, a guesser gets twelve guesses an hour. */
const PAIR: Policy = { free: 5, baseMs: 1_000, maxMs: 5 * 60_000 };
/** All accounts from one address: room for an office behind one address, none for trying a list of names. */
const SOURCE: Policy = { free: 20, baseMs: 1_000, maxMs: 5 * 60_000 };
/**
 * One account from all addresses where nobody signed in to it before: only guessing from many addresses at once gets
 * here. Short, because the owner on a new device waits with the guessers; where the owner was before, it never applies.
 */
const STRANGERS: Policy = { free: 100, baseMs: 1_000, maxMs: 30_000 };

/** After so long without a guess, in milliseconds, a counter starts from zero. */
const FORGET_AFTER_MS = 60 * 60_000;
/** Bounds the memory; the counters that rested longest go first. */
const MAX_COUNTERS = 10_000;

interface Counter {
  failures: number;
  /** When the next guess may be made, on the monotonic clock. */
  openAt: number;
  touchedAt: number;
}

/** One attempt to sign in. */
export interface Attempt {
  /** The account's name without letter case, whether it exists or not. */
  readonly account: string;
  readonly source: string;
  /** Somebody has signed in to this account from this address before. */
  readonly known: boolean;
}

/** A slot: the guess counts as failed from the start, so that parallel guesses see each other. */
export interface Slot {
  /** The password was right. */
  succeeded(): void;
  /** The password was never looked at. */
  cancelled(): void;
}

export type Admission =
  { readonly admitted: true; readonly slot: Slot } | { readonly admitted: false; readonly retryAfterMs: number };

/** Slows down guessing without locking anybody out (faults 26). Plain data and a clock; knows nothing of users. */
export class LoginThrottle {
  private readonly counters = new Map<string, Counter>();

  /** @param monotonic a clock that never goes back, in milliseconds */
  constructor(
    private readonly monotonic: () => number,
    private readonly maxCounters: number = MAX_COUNTERS,
  ) {}

  /** Takes a slot before the password is looked at. */
  admit(attempt: Attempt): Admission {
    const now = this.monotonic();
    const parts = partsOf(attempt);
    const openAt = Math.max(...parts.map(({ key }) => this.live(key, now)?.openAt ?? 0));
    if (openAt > now) return { admitted: false, retryAfterMs: openAt - now };
    for (const { key, policy } of parts) this.count(key, policy, now);
    return { admitted: true, slot: this.slot(parts) };
  }

  get size(): number {
    return this.counters.size;
  }

  private slot(parts: readonly Part[]): Slot {
    let open = true;
    const settle = (forgive: (part: Part) => boolean) => () => {
      if (!open) return;
      open = false;
      for (const part of parts) {
        if (forgive(part)) this.counters.delete(part.key);
        else this.giveBack(part);
      }
    };
    return {
      // the address keeps its other failures: a guesser with an account of his own must not wipe them out with it
      succeeded: settle((part) => part.policy === PAIR),
      cancelled: settle(() => false),
    };
  }

  private count(key: string, policy: Policy, now: number): void {
    const failures = (this.live(key, now)?.failures ?? 0) + 1;
    this.counters.delete(key);
    this.counters.set(key, { failures, openAt: now + delayAfter(failures, policy), touchedAt: now });
    this.bound();
  }

  private giveBack({ key, policy }: Part): void {
    const counter = this.counters.get(key);
    if (counter === undefined) return;
    counter.failures -= 1;
    if (counter.failures <= 0) this.counters.delete(key);
    else counter.openAt = Math.min(counter.openAt, counter.touchedAt + delayAfter(counter.failures, policy));
  }

  private live(key: string, now: number): Counter | undefined {
    const counter = this.counters.get(key);
    return counter === undefined || now - counter.touchedAt > FORGET_AFTER_MS ? undefined : counter;
  }

  private bound(): void {
    for (const key of this.counters.keys()) {
      if (this.counters.size <= this.maxCounters) return;
      this.counters.delete(key);
    }
  }
}

interface Part {
  readonly key: string;
  readonly policy: Policy;
}

function partsOf({ account, source, known }: Attempt): Part[] {
  return [
    { key: `pair ${source} ${account}`, policy: PAIR },
    { key: `source ${source}`, policy: SOURCE },
    ...(known ? [] : [{ key: `strangers ${account}`, policy: STRANGERS }]),
  ];
}

function delayAfter(failures: number, { free, baseMs, maxMs }: Policy): number {
  return failures < free ? 0 : Math.min(baseMs * 2 ** Math.min(failures - free, 30), maxMs);
}
