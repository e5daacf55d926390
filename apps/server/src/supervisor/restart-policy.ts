/** When a crashed plugin is started again, and when it is not (SUP-3, SUP-4). */
export interface RestartLimits {
  /** The wait after the first crash, in milliseconds. */
  readonly backoffBaseMs: number;
  /** The longest wait, in milliseconds, before jitter. */
  readonly backoffMaxMs: number;
  /** By how many per cent a wait is longer or shorter at most, so that what crashed together does not start together. */
  readonly backoffJitterPercent: number;
  /** So many crashes in a row are too many. */
  readonly maxCrashes: number;
  /** A process that was ready for so long, in milliseconds, ends the row. */
  readonly healthyAfterMs: number;
  /** How far the window reaches back, in milliseconds. Health does not shorten it. */
  readonly crashWindowMs: number;
  /** So many crashes within the window are too many; 0: any number is fine. */
  readonly crashWindowLimit: number;
}

/** A crash that was counted. */
export interface PastCrash {
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** A single route was in flight and bears the blame, so that it counts half. */
  readonly blamed: boolean;
}

/** The crashes of a plugin as far as they still count. */
export interface CrashCount {
  /** In a row, those with a blamed route included. */
  readonly inARow: number;
  /** How many of the row have a blamed route. */
  readonly blamedInARow: number;
  /** Those of the window, oldest first. */
  readonly recent: readonly PastCrash[];
}

export const NO_CRASHES: CrashCount = { inARow: 0, blamedInARow: 0, recent: [] };

export interface Crash extends PastCrash {
  /** How long the process had been ready, in milliseconds; 0 when it never was. */
  readonly readyForMs: number;
}

/** What follows a crash; `count` includes it. */
export type Verdict =
  | { readonly kind: 'restart'; readonly count: CrashCount; readonly delayMs: number }
  | { readonly kind: 'give_up'; readonly count: CrashCount; readonly limit: 'in_a_row' | 'window' };

/** So much is remembered of a plugin whose window has no limit: for the timeline of a crash. */
const LEAST_REMEMBERED = 50;

/**
 * Pure: what follows a crash. A crash with a blamed route counts half against both limits: the route is on its way into
 * quarantine, which protects the plugin, and a plugin that crashes whatever it is asked still ends, at twice the limit at
 * the latest.
 * @param random from 0 to 1; 0.5 is no jitter
 */
export function afterCrash(before: CrashCount, crash: Crash, limits: RestartLimits, random: number): Verdict {
  const row = crash.readyForMs >= limits.healthyAfterMs ? NO_CRASHES : before;
  const { at, blamed } = crash;
  const count: CrashCount = {
    inARow: row.inARow + 1,
    blamedInARow: row.blamedInARow + (blamed ? 1 : 0),
    recent: [...inWindow(before.recent, at, limits), { at, blamed }].slice(-remembered(limits)),
  };
  if (count.inARow - count.blamedInARow / 2 >= limits.maxCrashes) return { kind: 'give_up', count, limit: 'in_a_row' };
  if (limits.crashWindowLimit > 0 && weight(count.recent) >= limits.crashWindowLimit) {
    return { kind: 'give_up', count, limit: 'window' };
  }
  const delayMs = Math.min(limits.backoffBaseMs * 2 ** (count.inARow - 1), limits.backoffMaxMs);
  const jitter = (limits.backoffJitterPercent / 100) * (2 * random - 1);
  return { kind: 'restart', count, delayMs: Math.round(delayMs * (1 + jitter)) };
}

/** How long to wait, in milliseconds, with what the host could not do `before` times in a row for want of something (faults 15). */
export function postponement(before: number, { backoffBaseMs, backoffMaxMs }: RestartLimits): number {
  return Math.min(backoffBaseMs * 2 ** before, backoffMaxMs);
}

/** Those that the window still holds. What lies in the future, because the clock was set back, counts as of now. */
export function inWindow(crashes: readonly PastCrash[], now: number, limits: RestartLimits): readonly PastCrash[] {
  return crashes
    .filter((crash) => crash.at > now - limits.crashWindowMs)
    .map((crash) => (crash.at > now ? { ...crash, at: now } : crash));
}

function weight(crashes: readonly PastCrash[]): number {
  return crashes.reduce((sum, crash) => sum + (crash.blamed ? 0.5 : 1), 0);
}

function remembered({ crashWindowLimit }: RestartLimits): number {
  return Math.max(2 * crashWindowLimit, LEAST_REMEMBERED);
}
