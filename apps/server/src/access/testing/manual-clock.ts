import { Clock, type Cancel } from '../../common';

/** A clock that stands still until a test moves it. Timers are of no use to access control, and refused. */
export class ManualClock extends Clock {
  private elapsed = 0;

  constructor(private readonly start = Date.parse('2026-11-21T02:08:13.123Z')) {
    super();
  }

  override now(): number {
    return this.start + this.elapsed;
  }

  override monotonic(): number {
    return this.elapsed;
  }

  override setTimeout(): Cancel {
    throw new Error('no timers here');
  }

  advance(ms: number): void {
    this.elapsed += ms;
  }
}
