import { mkdtempSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ownCgroup } from '../cgroups/own-cgroup';

/**
 * A new cgroup of this machine for one test, which removes it; undefined where there is no cgroup v2 in which whoever
 * runs the tests may make one.
 */
export function realCgroup(): string | undefined {
  try {
    const own = ownCgroup(readFileSync('/proc/self/cgroup', 'utf8'), readFileSync('/proc/self/mountinfo', 'utf8'));
    return typeof own === 'string' ? undefined : mkdtempSync(join(own.directory, 'toru-test-'));
  } catch {
    return undefined;
  }
}
