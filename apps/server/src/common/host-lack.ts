import { AppError } from './app-error';
import { errorCode, errorMessage } from './error-code';

/** What the system has run out of, or does not let the host do, with what to look at. */
const LACKS: ReadonlyMap<string, string> = new Map([
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
 * What the host lacks, where an error comes from that: as a clause that says what to do, and with the system's code. It
 * is never held against a plugin (faults 15). Undefined where the error has another reason.
 */
export function hostLack(error: unknown): string | undefined {
  let cause = error;
  for (let depth = 0; depth < MAX_CAUSES && cause instanceof Error; depth++) {
    const code = errorCode(cause);
    const lack = LACKS.get(code);
    if (lack !== undefined) return `${lack} (${code})`;
    if (cause instanceof AppError && cause.code === 'storage_unavailable') return errorMessage(cause);
    ({ cause } = cause);
  }
  return undefined;
}
