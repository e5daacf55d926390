/** Takes back a timer; harmless when it has fired. */
export type Cancel = () => void;

/** Time, as everything in the server asks for it, so that a test can drive it. */
export abstract class Clock {
  /** Wall clock, in milliseconds since the epoch. */
  abstract now(): number;
  /** A clock that never goes back, in milliseconds: for measuring how long a thing took. */
  abstract monotonic(): number;
  /** Calls back once, after `ms` milliseconds. The timer does not keep the process alive. */
  abstract setTimeout(callback: () => void, ms: number): Cancel;
}

export class SystemClock extends Clock {
  override now(): number {
    return Date.now();
  }

  override monotonic(): number {
    return performance.now();
  }

  override setTimeout(callback: () => void, ms: number): Cancel {
    const timer = setTimeout(callback, ms);
    timer.unref();
    return () => {
      clearTimeout(timer);
    };
  }
}

/** RFC 3339 in UTC with milliseconds: the one form of a time in files, databases and answers. */
export function timestamp(ms: number): string {
  // lines of a log are many, and those of one millisecond have the same
  if (ms !== latest.ms) latest = { ms, text: new Date(ms).toISOString() };
  return latest.text;
}

let latest = { ms: 0, text: new Date(0).toISOString() };
