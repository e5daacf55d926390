import { AppError, errorCode, errorMessage } from '../common';

/** What the system has run out of, or does not let the host do, with what to look at. */
const WANTS: ReadonlyMap<string, string> = new Map([
  ['EMFILE', 'it has no file descriptors left: raise its limit (LimitNOFILE=, ulimit -n)'],
  ['ENFILE', 'the machine has no file descriptors left (fs.file-max)'],
  ['EAGAIN', 'the limit of processes is reached: raise it (LimitNPROC=, TasksMax=, ulimit -u)'],
  ['ENOMEM', 'there is not enough memory'],
  ['ENOBUFS', 'the kernel has no room for another socket'],
  ['ENOSPC', 'the disk of the data directory is full'],
  ['EDQUOT', 'the disk quota of the data directory is used up'],
  ['EROFS', 'the data directory is read-only'],
]);
/** An error that was wrapped more often than this was not. */
const MAX_CAUSES = 5;

/**
 * Why a plugin could not be started, where the reason is with the host and not with the plugin: as a sentence that says
 * what to do. Undefined where it is with the plugin.
 */
export function hostTrouble(error: unknown): string | undefined {
  let cause = error;
  for (let depth = 0; depth < MAX_CAUSES && cause instanceof Error; depth++) {
    const code = errorCode(cause);
    const want = WANTS.get(code);
    if (want !== undefined) return `the host cannot start it: ${want} (${code})`;
    if (cause instanceof AppError && cause.code === 'storage_unavailable') {
      return `the host cannot start it: ${errorMessage(cause)}`;
    }
    ({ cause } = cause);
  }
  return undefined;
}
