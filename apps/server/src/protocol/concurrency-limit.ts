import type { AbortSignalLike } from '@toru/protocol';
import { AppError } from '../common';

/** Gives the place back; further calls do nothing. */
export type Release = () => void;

/** How many places there are, and how one waits for them. */
export interface Places {
  /** Holders at once. */
  readonly concurrency: number;
  /** How many more may wait. */
  readonly queue: number;
  /** How long one may wait, in milliseconds. */
  readonly queueMs: number;
}

interface Waiter {
  readonly admit: () => void;
  readonly refuse: (error: unknown) => void;
}

/**
 * So many holders at once; further ones wait in order, each until its deadline. How many there are may be another number
 * with each call, since an administrator may change it at any time: the latest counts.
 */
export class ConcurrencyLimit {
  private held = 0;
  private concurrency: number;
  private readonly waiting = new Set<Waiter>();
  private closed: Error | undefined;

  /** @param places where a call says nothing else */
  constructor(private readonly places: Places) {
    this.concurrency = places.concurrency;
  }

  /** Holders and those who wait. */
  get load(): number {
    return this.held + this.waiting.size;
  }

  /** Takes a free place, if there is one: then `giveBack` is to be called once. Costs no more than a count. */
  tryTake(places: Places = this.places): boolean {
    this.concurrency = places.concurrency;
    // there may be more places than when they began to wait
    if (this.waiting.size > 0) this.admitWaiting();
    if (this.held >= places.concurrency || this.waiting.size > 0 || this.closed !== undefined) return false;
    this.held += 1;
    return true;
  }

  /**
   * Takes a place, after a wait where none is free: then `giveBack` is to be called once.
   * @throws AppError `plugin_busy` when the queue is full or the wait is over; what `close` was given; the signal's reason
   */
  async take(signal: AbortSignalLike, places: Places = this.places): Promise<void> {
    if (signal.aborted) throw signal.reason;
    if (this.closed !== undefined) throw this.closed;
    if (!this.tryTake(places)) await this.wait(signal, places);
  }

  /** The same, with a way back that may be called more than once. */
  async acquire(signal: AbortSignalLike, places?: Places): Promise<Release> {
    await this.take(signal, places);
    let released = false;
    return () => {
      if (released) return;
      released = true;
      this.giveBack();
    };
  }

  giveBack(): void {
    this.held -= 1;
    this.admitWaiting();
  }

  /** Everyone who waits is refused with `reason`, and whoever comes later too. */
  close(reason: Error): void {
    this.closed ??= reason;
    for (const waiter of [...this.waiting]) waiter.refuse(this.closed);
  }

  private admitWaiting(): void {
    // from hand to hand, so that nobody who comes in between takes the place
    for (const waiter of this.waiting) {
      if (this.held >= this.concurrency) return;
      this.held += 1;
      waiter.admit();
    }
  }

  private wait(signal: AbortSignalLike, { queue, queueMs }: Places): Promise<void> {
    if (this.waiting.size >= queue) {
      return Promise.reject(busy('as many requests as it may have are waiting for it already'));
    }
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        this.waiting.delete(waiter);
        clearTimeout(timer);
        signal.removeEventListener('abort', onAbort);
      };
      const waiter: Waiter = {
        admit: () => {
          leave();
          resolve();
        },
        refuse: (error) => {
          leave();
          // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- the reason is handed through as it is
          reject(error);
        },
      };
      const onAbort = (): void => {
        waiter.refuse(signal.reason);
      };
      const timer = setTimeout(() => {
        waiter.refuse(busy('it did not get round to this request in time'));
      }, queueMs);
      signal.addEventListener('abort', onAbort);
      this.waiting.add(waiter);
    });
  }
}

function busy(why: string): AppError {
  return new AppError('plugin_busy', `The plugin is busy: ${why}. Try again in a moment.`, { retryAfterSeconds: 1 });
}
