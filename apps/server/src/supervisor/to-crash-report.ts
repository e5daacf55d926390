import type { Clock, Exit } from '../common';
import type { CrashReport } from './crash-report';
import type { Judged } from './failures';
import type { End, Generation } from './generation';

/** What is known of a crash; without a generation no process could be spawned. */
export function toCrashReport(
  why: string,
  verdict: Judged,
  clock: Clock,
  generation?: Generation,
  end?: End,
): CrashReport {
  return {
    ...{ at: clock.now(), spawnedAt: generation?.spawnedAt ?? clock.now(), why },
    pid: generation?.run.pid ?? null,
    readyForMs: generation?.readyForMs ?? 0,
    requests: end?.requests ?? [],
    exit: end?.exit ?? null,
    oomKills: generation?.run.oomKills ?? null,
    endedByHost: generation !== undefined && end !== undefined && endedByHost(generation, end.exit),
    endedAt: end?.at ?? clock.monotonic(),
    blamedRoute: verdict.route,
    consecutiveCrashes: verdict.count.inARow,
    timeline: verdict.count.recent.map(({ at }) => at),
    decision: verdict.kind === 'give_up' ? 'disable' : 'restart',
  };
}

/** The host ends a process with SIGKILL; whatever else has ended it was before. */
function endedByHost({ run }: Generation, exit: Exit): boolean {
  return exit.signal === 'SIGKILL' && run.overBudget === undefined && run.endedBecause !== undefined;
}

/** Why the kernel, or else the host, has ended it; undefined where neither did. */
export function killedBecause({ run }: Generation, exit: Exit): string | undefined {
  return exit.signal === 'SIGKILL' ? (run.overBudget ?? run.endedBecause) : undefined;
}
