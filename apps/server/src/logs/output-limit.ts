import type { Clock } from '../common';

/** What one plugin may log in the long run, and at once. Beyond it lines are dropped and counted. */
export interface OutputRate {
  readonly linesPerSecond: number;
  readonly burstLines: number;
  readonly bytesPerSecond: number;
  readonly burstBytes: number;
}

/** Ample for a program that people read, and too little to turn over all rotated files within a minute. */
export const DEFAULT_OUTPUT_RATE: OutputRate = {
  linesPerSecond: 1000,
  burstLines: 10_000,
  bytesPerSecond: 1024 * 1024,
  burstBytes: 8 * 1024 * 1024,
};

/** Once exhausted, nothing is let through until this much of a second's worth has come back: it pays to drop in bulk. */
const RECOVERY_SECONDS = 0.1;

/** A token bucket for lines and one for their bytes; a line needs room in both. */
export class OutputLimit {
  private lines: number;
  private bytes: number;
  private updated: number;
  private exhausted = false;

  constructor(
    private readonly clock: Clock,
    private readonly rate: OutputRate = DEFAULT_OUTPUT_RATE,
  ) {
    this.lines = rate.burstLines;
    this.bytes = rate.burstBytes;
    this.updated = clock.monotonic();
  }

  get isExhausted(): boolean {
    this.refill();
    return this.exhausted;
  }

  /** Whether a line of this many bytes may be written. */
  take(bytes: number): boolean {
    this.refill();
    if (this.exhausted || this.bytes < bytes) {
      this.exhausted = true;
      return false;
    }
    this.lines -= 1;
    this.bytes -= bytes;
    if (this.lines < 1) this.exhausted = true;
    return true;
  }

  private refill(): void {
    const now = this.clock.monotonic();
    const seconds = Math.max(0, now - this.updated) / 1000;
    this.updated = now;
    this.lines = Math.min(this.rate.burstLines, this.lines + seconds * this.rate.linesPerSecond);
    this.bytes = Math.min(this.rate.burstBytes, this.bytes + seconds * this.rate.bytesPerSecond);
    const { linesPerSecond, burstLines, bytesPerSecond, burstBytes } = this.rate;
    this.exhausted &&=
      this.lines < Math.max(1, Math.min(burstLines, linesPerSecond * RECOVERY_SECONDS)) ||
      this.bytes < Math.min(burstBytes, bytesPerSecond * RECOVERY_SECONDS);
  }
}
