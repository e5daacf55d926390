import { readFileSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/*
 * The files of a cgroup (kernel: Documentation/admin-guide/cgroup-v2.rst). Synchronous: nothing here waits for a disk.
 */

/** What the kernel can account for and bound, where its controller is enabled. */
export type Controller = 'memory' | 'cpu' | 'pids';
export const CONTROLLERS: readonly Controller[] = ['memory', 'cpu', 'pids'];

const CGROUP2_SUPER_MAGIC = 0x63677270;

/** Whether a directory is a cgroup of version 2. */
export function isCgroup2(directory: string): boolean {
  try {
    return statfsSync(directory).type === CGROUP2_SUPER_MAGIC;
  } catch {
    return false;
  }
}

/** Throws the system's error. */
export function writeCgroupFile(cgroup: string, file: string, value: string): void {
  writeFileSync(join(cgroup, file), value);
}

/** The same; tells whether the kernel has taken the value. */
export function tryCgroupFile(cgroup: string, file: string, value: string): boolean {
  try {
    writeCgroupFile(cgroup, file, value);
    return true;
  } catch {
    return false;
  }
}

/** Undefined when there is no such file, or no such cgroup any more. */
export function readCgroupFile(cgroup: string, file: string): string | undefined {
  try {
    return readFileSync(join(cgroup, file), 'latin1');
  } catch {
    return undefined;
  }
}

/** One number of a file with a name and a number on each line. */
export function keyedNumber(text: string | undefined, key: string): number | undefined {
  const line = text?.split('\n').find((candidate) => candidate.startsWith(`${key} `));
  const value = line === undefined ? NaN : Number(line.slice(key.length + 1));
  return Number.isFinite(value) ? value : undefined;
}

/** The pids in a cgroup itself, without those in cgroups below it. */
export function pidsIn(cgroup: string): number[] {
  const lines = (readCgroupFile(cgroup, 'cgroup.procs') ?? '').split('\n');
  // 0 is a process outside of the pid namespace
  return lines.map(Number).filter((pid) => Number.isSafeInteger(pid) && pid > 0);
}

/** The controllers that a file names which this project uses. */
export function controllersIn(cgroup: string, file: 'cgroup.controllers' | 'cgroup.subtree_control'): Controller[] {
  const words = new Set((readCgroupFile(cgroup, file) ?? '').trim().split(/\s+/));
  return CONTROLLERS.filter((controller) => words.has(controller));
}
