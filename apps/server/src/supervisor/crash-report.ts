import type { Exit } from '../common';
import type { RequestInFlight } from './requests-in-flight';

/** A crash as the actor saw it. Times are in milliseconds since the epoch, durations in milliseconds. */
export interface CrashReport {
  readonly at: number;
  /** When its process was spawned. */
  readonly spawnedAt: number;
  /** How it ended, in words. */
  readonly why: string;
  /** Null where no process could be spawned. */
  readonly pid: number | null;
  readonly exit: Exit | null;
  /** How many processes the kernel has ended for lack of memory in its own cgroup; null where it has none. */
  readonly oomKills: number | null;
  readonly endedByHost: boolean;
  readonly readyForMs: number;
  readonly requests: readonly RequestInFlight[];
  /** On the clock of `requests`: when it ended. */
  readonly endedAt: number;
  readonly blamedRoute: string | null;
  readonly consecutiveCrashes: number;
  /** Crashes of the window, this one included. */
  readonly timeline: readonly number[];
  readonly decision: 'restart' | 'disable';
}
