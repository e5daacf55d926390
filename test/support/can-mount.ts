import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';

/** Whether this user may mount file systems; in a container without privileges root may not either. */
export function canMount(): boolean {
  const directory = mkdtempSync('/tmp/toru-e2e-');
  try {
    execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', directory], { stdio: 'ignore' });
    execFileSync('umount', [directory]);
    return true;
  } catch {
    return false;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
