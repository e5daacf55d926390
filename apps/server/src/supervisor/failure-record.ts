import { NO_POISON, type PoisonState } from './poison-routes';
import { NO_CRASHES, type CrashCount } from './restart-policy';

/** What is remembered of a plugin's failures, over restarts of the host too. */
export interface FailureRecord {
  readonly count: CrashCount;
  readonly poison: PoisonState;
  /** Why the supervisor has disabled it, for people; null where it has not. */
  readonly disabledBecause: string | null;
}

export const NO_FAILURES: FailureRecord = { count: NO_CRASHES, poison: NO_POISON, disabledBecause: null };

/** Reads what was stored as JSON; undefined where it is not of this form. */
export function parseFailureRecord(text: string): FailureRecord | undefined {
  try {
    const { count, poison, disabledBecause } = JSON.parse(text) as FailureRecord;
    const understood =
      [count.inARow, count.blamedInARow].every(Number.isSafeInteger) &&
      count.recent.every((crash) => Number.isFinite(crash.at) && typeof crash.blamed === 'boolean') &&
      poison.evidence.every((each) => Number.isFinite(each.at) && each.routes.every(isText)) &&
      poison.routes.every(
        (each) => isText(each.route) && [each.since, each.until, each.times].every((part) => Number.isFinite(part)),
      ) &&
      (disabledBecause === null || isText(disabledBecause));
    return understood ? { count, poison, disabledBecause } : undefined;
  } catch {
    return undefined;
  }
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}
