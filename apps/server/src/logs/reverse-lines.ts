import type { FileHandle } from 'node:fs/promises';

/** A longer line is given by its last bytes only. Host lines stay below it, however much JSON escapes. */
export const MAX_READ_LINE_BYTES = 1024 * 1024;
const CHUNK_BYTES = 64 * 1024;
const LF = 0x0a;

/** What one reading may cost. */
export interface ScanBudget {
  /** Counts down, in bytes. */
  remainingBytes: number;
}

/**
 * The lines of a file from its last to its first, read from the end in pieces. Only the first `size` bytes count: what
 * is appended meanwhile is not seen, and a file that became shorter simply ends earlier. Stops when the budget is used
 * up. Empty lines are left out.
 */
export async function* linesFromTheEnd(
  file: FileHandle,
  size: number,
  budget: ScanBudget,
): AsyncGenerator<string, void, undefined> {
  /** Pieces of the line whose beginning has not been reached, the later ones first. */
  let tail: Buffer[] = [];
  let tailBytes = 0;
  let position = size;
  const takeLine = (start: Buffer): string => {
    const line = Buffer.concat([start, ...tail.reverse()]).toString('utf8');
    tail = [];
    tailBytes = 0;
    return line.endsWith('\r') ? line.slice(0, -1) : line;
  };
  while (position > 0 && budget.remainingBytes > 0) {
    const length = Math.min(CHUNK_BYTES, position);
    position -= length;
    budget.remainingBytes -= length;
    const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(length), 0, length, position);
    let end = bytesRead;
    while (end > 0) {
      const newline = buffer.lastIndexOf(LF, end - 1);
      if (newline === -1) break;
      const line = takeLine(buffer.subarray(newline + 1, end));
      if (line !== '') yield line;
      end = newline;
    }
    if (tailBytes + end <= MAX_READ_LINE_BYTES) {
      tail.push(buffer.subarray(0, end));
      tailBytes += end;
    }
  }
  if (position === 0) {
    const line = takeLine(Buffer.alloc(0));
    if (line !== '') yield line;
  }
}
