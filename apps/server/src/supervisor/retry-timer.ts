import type { Cancel, Clock } from '../common';

/** The wait before a crashed plugin is started again: one at a time. */
export class RetryTimer {
  private pending: { readonly at: number; readonly cancel: Cancel } | undefined;

  constructor(
    private readonly clock: Clock,
    private readonly onDue: () => void,
  ) {}

  /** When the wait is over, in milliseconds since the epoch; null while nothing waits. */
  get at(): number | null {
    return this.pending?.at ?? null;
  }

  wait(delayMs: number): void {
    this.cancel();
    this.pending = { at: this.clock.now() + delayMs, cancel: this.clock.setTimeout(this.onDue, delayMs) };
  }

  cancel(): void {
    this.pending?.cancel();
    this.pending = undefined;
  }
}
