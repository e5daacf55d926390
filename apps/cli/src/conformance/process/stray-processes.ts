import { readdirSync, readFileSync } from 'node:fs';

/** The variable by which everything that a plugin started is recognised, in whichever group or session it is now. */
export const MARKER_VARIABLE = 'TORU_CONFORMANCE_RUN';

/** Pids of living processes that carry the marker in their environment. Empty where there is no /proc. */
export function findMarked(marker: string): number[] {
  const wanted = `${MARKER_VARIABLE}=${marker}`;
  return pids().filter((pid) => environmentOf(pid).includes(wanted) && !isDead(pid));
}

function pids(): number[] {
  try {
    return readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? [Number(name)] : []));
  } catch {
    return [];
  }
}

function environmentOf(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
  } catch {
    // it has ended, or it is not ours
    return [];
  }
}

/** A zombie waits for its parent alone: there is nothing left to end. */
function isDead(pid: number): boolean {
  try {
    return /^\d+ \(.*\) [ZX]/s.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return true;
  }
}
