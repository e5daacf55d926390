import { readFileSync } from 'node:fs';

/** `USER_HZ`: in what `/proc` counts processor time. */
const TICKS_PER_SECOND = 100;

/** What a process has used so far with all its threads, user and system, in microseconds. */
export function processorTimeUs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ');
  return ((Number(fields[11]) + Number(fields[12])) * 1e6) / TICKS_PER_SECOND;
}
