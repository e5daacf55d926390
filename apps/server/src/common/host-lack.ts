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
/**
 * How programs tell on their error output that the system has refused them a process, a thread, memory or a descriptor:
 * shells, the C library's words, Python, Node, Rust and Go. Too many files open in one program are its own.
 */
const SIGNS: readonly (readonly [RegExp, string])[] = [
  [/can(?:no|')t fork|can't start new thread|uv_thread_create|failed to create new OS thread/i, 'EAGAIN'],
  [/(?:fork|spawn|clone|thread)[^]*?(?:resource temporarily unavailable|\bEAGAIN\b)/i, 'EAGAIN'],
  [/cannot allocate memory(?! in static TLS)|\bENOMEM\b/i, 'ENOMEM'],
  [/too many open files in system|\bENFILE\b/i, 'ENFILE'],
];
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
    const lack = lackOf(code);
    if (lack !== undefined) return lack;
    if (cause instanceof AppError && cause.code === 'storage_unavailable') return errorMessage(cause);
    ({ cause } = cause);
  }
  return undefined;
}

/**
 * The same for a program that has failed, by what it wrote to its error output: it was started, and could start nothing
 * itself. Undefined where it tells of nothing that the host or the machine lacks.
 */
export function hostLackIn(stderr: string): string | undefined {
  const code = SIGNS.find(([sign]) => sign.test(stderr))?.[1];
  return code === undefined ? undefined : lackOf(code);
}

function lackOf(code: string): string | undefined {
  const lack = LACKS.get(code);
  return lack === undefined ? undefined : `${lack} (${code})`;
}
