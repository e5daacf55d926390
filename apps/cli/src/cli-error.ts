/** Exit statuses of every command of `toru`. */
export const EXIT = { ok: 0, found: 1, usage: 2 } as const;

/** What the user must change: shown as one line on stderr, without a stack trace; the exit status is 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** What was asked for cannot be had, and no other option would change that: shown the same way; the exit status is 1. */
export class NotFoundError extends Error {
  override readonly name = 'NotFoundError';
}
