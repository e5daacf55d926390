import { runOnce } from './run-once';

/** Nobody waits for it: only what hangs is to be ended. */
const TIMEOUT_MS = 60_000;

/**
 * Bounds how many descriptors a process, and each one that it starts from then on, may have open (RLIMIT_NOFILE). By
 * `prlimit` of util-linux on the process that runs: one that was spawned through it would hide why a file cannot be
 * started. Resolves with what went wrong, or undefined.
 */
export async function limitOpenFiles(pid: number, limit: number): Promise<string | undefined> {
  const args = ['--pid', String(pid), `--nofile=${limit}:${limit}`];
  const run = await runOnce('prlimit', args, { cwd: '/', timeoutMs: TIMEOUT_MS, maxOutputBytes: 4096 });
  if (run.kind !== 'exited') return run.message;
  return run.code === 0 ? undefined : run.stderrTail;
}
