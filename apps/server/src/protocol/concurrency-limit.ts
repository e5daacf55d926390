import { AppError } from '../common';

/** Gives the place back; further calls do nothing. */
export type Release = () => void;

interface Waiter {
  readonly admit: () => void;
  readonly refuse: (error: unknown) => void;
}

/**
 * At most `limit` holders at once; further ones wait in order, at most `queueLimit` of them, each until its deadline.
 */
export class ConcurrencyLimit {
  private held = 0;
  private readonly waiting = new Set<Waiter>();
  private closed: Error | undefined;

  constructor(
    private readonly limit: number,
    private readonly queueLimit: number,
  ) {}

  /** Holders and those who wait. */
  get load(): number {
    return this.held + this.waiting.size;
  }

  /** Rejects with `plugin_busy` when the queue is full or the deadline passes, and with the signal's reason. */
  async acquire(signal: AbortSignal, deadlineMs: number): Promise<Release> {
    signal.throwIfAborted();
    if (this.closed !== undefined) throw this.closed;
    if (this.held < this.limit) this.held += 1;
    else await this.wait(signal, deadlineMs);
    let released = false;
    return () => {
      if (released) return;
      released = true;
      this.release();
    };
  }

  /** Everyone who waits is refused with `reason`, and whoever comes later too. */
  close(reason: Error): void {
    this.closed ??= reason;
    for (const waiter of [...this.waiting]) waiter.refuse(this.closed);
  }

  private release(): void {
    const first = this.waiting.values().next();
    // the place goes from hand to hand, so that nobody who comes in between takes it
    if (first.done) this.held -= 1;
    else first.value.admit();
  }

  private wait(signal: AbortSignal, deadlineMs: number): Promise<void> {
    if (this.waiting.size >= this.queueLimit) {
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
      }, deadlineMs);
      signal.addEventListener('abort', onAbort, { once: true });
      this.waiting.add(waiter);
    });
  }
}

function busy(why: string): AppError {
  return new AppError('plugin_busy', `The plugin is busy: ${why}. Try again in a moment.`, { retryAfterSeconds: 1 });
}
