import type { Program } from '../processes';

/*
 * What the host and its spawner say to each other. For each start the host makes two connections to the spawner, which
 * become the program's output and its error output; a line on each says which one it is, and the first one carries the
 * request. The answers are lines on the spawner's own standard output.
 */

/** The first line on a connection. */
export type Opening =
  | { readonly id: number; readonly stream: 'stdout'; readonly program: Program }
  | { readonly id: number; readonly stream: 'stderr' };

/** One line of the spawner's. */
export type Answer =
  | { readonly kind: 'ready' }
  | { readonly kind: 'started'; readonly id: number; readonly pid: number }
  | { readonly kind: 'refused'; readonly id: number; readonly code: string }
  | {
      readonly kind: 'ended';
      readonly id: number;
      readonly code: number | null;
      readonly signal: NodeJS.Signals | null;
    };

export function toLine(message: Opening | Answer): string {
  return `${JSON.stringify(message)}\n`;
}
