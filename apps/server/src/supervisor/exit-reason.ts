import type { Exit } from '../common';

/** The exit status by which a plugin says that starting it again is of no use (`EX_CONFIG` of sysexits.h, SUP-10). */
export const EXIT_CONFIG = 78;

/** How a process ended, in words, with the last thing that it said. */
export function exitReason(exit: Exit, lastLine: string | undefined): string {
  const how =
    exit.signal === null ? `it ended with status ${exit.code ?? 'unknown'}` : `it was ended by ${exit.signal}`;
  return lastLine === undefined || lastLine === '' ? how : `${how}; its last words: ${lastLine.slice(0, 300)}`;
}
