import { AppError, errorCode, errorMessage } from '../common';

/** When a caller may try again, in seconds: a full disk or a restarting server is not mended sooner. */
const RETRY_AFTER_SECONDS = 5;

/** SQLite result codes (with their extended forms) that mean: the data cannot be reached now. */
const SQLITE_CODES = /^SQLITE_(BUSY|LOCKED|FULL|READONLY|IOERR|CANTOPEN|CORRUPT|NOTADB|NOMEM|PROTOCOL|PERM|AUTH)(_|$)/;

/**
 * PostgreSQL's SQLSTATE: connection (08), resources and disk (53), shut down (57P), system (58), read-only (25006),
 * cancelled by the statement timeout (57014), lock not available (55P03), conflict of transactions (40001, 40P01),
 * bad login (28), no such database (3D000).
 */
const SQLSTATES = /^(08...|53...|57P..|58...|28...|25006|57014|55P03|40001|40P01|3D000)$/;

const NODE_CODES: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOENT',
  'EACCES',
  'EMFILE',
]);

/** The drivers throw these without a code, or with one that stands for other things too (55000). */
const MESSAGES =
  /not currently accepting connections|connection terminated|timeout (expired|exceeded when trying to connect)|query read timeout|connection error and is not queryable|after calling end on the pool|database connection is not open|not connected|not established/i;

/** Translates what a driver throws when the data cannot be reached; anything else comes back as it is. Use: `throw storageError(e)`. */
export function storageError(error: unknown): unknown {
  if (error instanceof AppError || !isUnavailable(error)) return error;
  return new AppError(
    'storage_unavailable',
    'The database cannot be reached or written at the moment. Try again later.',
    {
      cause: error,
      retryAfterSeconds: RETRY_AFTER_SECONDS,
    },
  );
}

/** Awaits a piece of work on the database; its driver errors come out as `storage_unavailable`. */
export async function withStorage<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw storageError(error);
  }
}

/** A second row with the same unique value. */
export function isUniqueViolation(error: unknown): boolean {
  const code = codeOf(error);
  return code === '23505' || code === 'SQLITE_CONSTRAINT_UNIQUE' || code === 'SQLITE_CONSTRAINT_PRIMARYKEY';
}

function isUnavailable(error: unknown): boolean {
  const code = codeOf(error);
  if (code !== undefined && (SQLITE_CODES.test(code) || SQLSTATES.test(code) || NODE_CODES.has(code))) return true;
  return MESSAGES.test(errorMessage(error));
}

/** By its shape: better-sqlite3's `SqliteError` is made by a plain function and is no native error, nor of this realm in tests. */
function codeOf(error: unknown): string | undefined {
  const code = errorCode(error);
  return code === 'UNKNOWN' ? undefined : code;
}
