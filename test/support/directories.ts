import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import path from 'node:path';

const MAX_TRIES = 100;

/** The directories of one host. They can outlive it: a second host on them is the same host after a restart. */
export interface HostDirectories {
  readonly root: string;
  readonly plugins: string;
  readonly data: string;
  readonly log: string;
  readonly run: string;
}

/** Not os.tmpdir(), which may be long: a socket's path has at most 107 bytes. */
export function createDirectories(): HostDirectories {
  const root = mkdtempSync('/tmp/toru-e2e-');
  const [plugins, data, log, run] = ['plugins', 'data', 'log', 'run'].map((name) => path.join(root, name)) as [
    string,
    string,
    string,
    string,
  ];
  for (const directory of [plugins, data, log]) mkdirSync(directory);
  mkdirSync(run, { mode: 0o700 });
  return { root, plugins, data, log, run };
}

export function removeDirectories({ root }: HostDirectories): void {
  for (let tries = 1; ; tries++) {
    try {
      rmSync(root, { recursive: true, force: true });
      return;
    } catch (error) {
      // something that is about to end may write into a directory between its last file and itself
      if ((error as NodeJS.ErrnoException).code !== 'ENOTEMPTY' || tries === MAX_TRIES) throw error;
    }
  }
}
