import { statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { runOnce } from '../run-once';

/** In milliseconds: only what hangs is to be ended, and on a busy machine it takes its time. */
const TIMEOUT_MS = 10_000;
/** systemd sets the second one since version 251; the first one only root can read. */
const ATTRIBUTES = ['trusted.delegate', 'user.delegate'];
/** What is handed over with a cgroup, by the kernel's own words on delegation. */
const HANDED_OVER = ['.', 'cgroup.procs', 'cgroup.subtree_control'];

/** A cgroup that was handed over to this process for it to divide up, and by which sign that is known. */
export interface Delegated {
  readonly directory: string;
  readonly sign: string;
}

/**
 * The cgroup that a service manager has handed over to the process, from where it stands: its own one, or the one above
 * (`DelegateSubgroup=`). Undefined when nothing tells so: being allowed to write there, as root is everywhere, is no sign.
 */
export async function findDelegated(own: string, mount: string, uid: number): Promise<Delegated | undefined> {
  if (isHandedOverTo(own, uid)) return { directory: own, sign: `it belongs to user ${uid}` };
  for (const directory of own === mount ? [] : [own, dirname(own)]) {
    if (await isMarked(directory)) return { directory, sign: 'it is marked as delegated' };
  }
  return undefined;
}

/**
 * A manager of system services gives a cgroup to the service's user only with `Delegate=`. Below a user's own manager
 * everything belongs to the user, delegated or not.
 */
export function isHandedOverTo(directory: string, uid: number): boolean {
  if (uid === 0 || /\/user@\d+\.service(?:\/|$)/.test(directory)) return false;
  try {
    return HANDED_OVER.every((file) => statSync(join(directory, file)).uid === uid);
  } catch {
    return false;
  }
}

/** By `getfattr` (package attr), since Node reads no extended attributes; where it is missing, nothing is marked. */
async function isMarked(directory: string): Promise<boolean> {
  for (const name of ATTRIBUTES) {
    const args = ['--absolute-names', '--only-values', '--name', name, directory];
    const run = await runOnce('getfattr', args, { cwd: '/', timeoutMs: TIMEOUT_MS, maxOutputBytes: 4096 });
    if (run.kind === 'exited' && run.code === 0) return run.stdout.toString('latin1') === '1';
    if (run.kind === 'spawn_failed') return false;
  }
  return false;
}
