/** When a crashed plugin is started again, and when it is not (SUP-3, SUP-4). */
export interface RestartLimits {
  /** The wait after the first crash, in milliseconds. */
  readonly backoffBaseMs: number;
  /** The longest wait, in milliseconds. */
  readonly backoffMaxMs: number;
  /** So many crashes in a row are too many. */
  readonly maxCrashes: number;
  /** A process that was ready for so long, in milliseconds, ends the row. */
  readonly healthyAfterMs: number;
}

export interface Crash {
  /** Crashes in a row before this one. */
  readonly crashesBefore: number;
  /** How long the process had been ready, in milliseconds; 0 when it never was. */
  readonly readyForMs: number;
}

export type Verdict =
  | { readonly kind: 'restart'; readonly crashes: number; readonly delayMs: number }
  | { readonly kind: 'give_up'; readonly crashes: number };

/** Pure: what follows a crash. `crashes` is the length of the row, this crash included. */
export function afterCrash(crash: Crash, limits: RestartLimits): Verdict {
  const crashes = (crash.readyForMs >= limits.healthyAfterMs ? 0 : crash.crashesBefore) + 1;
  if (crashes >= limits.maxCrashes) return { kind: 'give_up', crashes };
  return {
    kind: 'restart',
    crashes,
    delayMs: Math.min(limits.backoffBaseMs * 2 ** (crashes - 1), limits.backoffMaxMs),
  };
}
