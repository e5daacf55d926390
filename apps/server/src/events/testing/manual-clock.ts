import { type Cancel, Clock } from '../../common';

/** A clock that moves when a test says so. */
export class ManualClock extends Clock {
  private readonly timers = new Set<{ readonly at: number; readonly callback: () => void }>();

  constructor(private ms = Date.UTC(2026, 10, 21)) {
    super();
  }

  override now(): number {
    return this.ms;
  }

  override monotonic(): number {
    return this.ms;
  }

  override setTimeout(callback: () => void, ms: number): Cancel {
    const timer = { at: this.ms + ms, callback };
    this.timers.add(timer);
    return () => {
      this.timers.delete(timer);
    };
  }

  advance(ms: number): void {
    this.ms += ms;
    for (const timer of [...this.timers].sort((a, b) => a.at - b.at)) {
      if (timer.at > this.ms || !this.timers.delete(timer)) continue;
      timer.callback();
    }
  }
}
