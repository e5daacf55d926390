import { readdirSync, readFileSync } from 'node:fs';

/** The variable by which everything that a plugin started is recognised, in whichever group or session it is now. */
export const MARKER_VARIABLE = 'TORU_CONFORMANCE_RUN';

/** The first process that carries a marker, and how many the system had started when it was. */
export interface FirstMarked {
  readonly marker: string;
  readonly pid: number;
  readonly forks: number;
}

/** Far fewer than there are pids. */
const FORKS_WITHOUT_A_LAP = 4_096;

/**
 * Pids of living processes that carry the marker in their environment. Empty where there is no /proc.
 *
 * Pids are given out in order: those before the first one are older and are not looked at, which matters where many
 * run, unless the system may have begun with low ones again.
 */
export function findMarked(first: FirstMarked): number[] {
  const wanted = `${MARKER_VARIABLE}=${first.marker}`;
  const isInOrder = lastPid() >= first.pid && forksSoFar() - first.forks < FORKS_WITHOUT_A_LAP;
  const candidates = isInOrder ? pids().filter((pid) => pid >= first.pid) : pids();
  return candidates.filter((pid) => environmentOf(pid).includes(wanted) && !isDead(pid));
}

/** How many processes and threads the system has started; NaN where it does not say. */
export function forksSoFar(): number {
  return Number(/^processes (\d+)$/m.exec(read('/proc/stat'))?.[1]);
}

/** The latest pid that was given out; NaN where the system does not say. */
function lastPid(): number {
  return Number(/(\d+)\s*$/.exec(read('/proc/loadavg'))?.[1]);
}

function pids(): number[] {
  try {
    return readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? [Number(name)] : []));
  } catch {
    return [];
  }
}

function environmentOf(pid: number): string[] {
  return read(`/proc/${pid}/environ`).split('\0');
}

/** A zombie waits for its parent alone: there is nothing left to end. */
function isDead(pid: number): boolean {
  const stat = read(`/proc/${pid}/stat`);
  return stat === '' || /^\d+ \(.*\) [ZX]/s.test(stat);
}

/** Empty where there is no such file: a process may have ended, or is not ours. */
function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
