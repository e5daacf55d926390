import type { ProtocolVersion } from '@toru/contracts';
import type { Level } from './check';

/** `warned`: a `should` that is not kept. */
export type Status = 'passed' | 'failed' | 'warned' | 'skipped';

export interface CheckResult {
  readonly id: string;
  readonly level: Level;
  readonly status: Status;
  readonly expects: string;
  readonly rule: string;
  /** What happened, or why it was skipped; absent if it passed. */
  readonly happened?: string;
  readonly durationMs: number;
}

export interface ConformanceReport {
  readonly executable: string;
  /** The plugin's id; null if its metadata cannot be read. */
  readonly plugin: string | null;
  /** The version that was spoken; null if nothing was. */
  readonly protocol: ProtocolVersion | null;
  readonly strict: boolean;
  readonly durationMs: number;
  readonly results: readonly CheckResult[];
}

export function count({ results }: ConformanceReport, status: Status): number {
  return results.filter((result) => result.status === status).length;
}

/** Whether a result makes the run a failed one: a failure, and, if it is strict, whatever did not pass. */
export function isFailing({ status }: CheckResult, strict: boolean): boolean {
  return status === 'failed' || (strict && status !== 'passed');
}

/** A run in which nothing passed has shown nothing. */
export function hasPassed({ results, strict }: ConformanceReport): boolean {
  return results.some(({ status }) => status === 'passed') && !results.some((result) => isFailing(result, strict));
}
