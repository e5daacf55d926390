/** The longest line that is kept whole, in bytes. What a plugin prints without a newline stays bounded by it. */
export const MAX_LINE_BYTES = 64 * 1024;

/** Of output that is thrown away, the last bytes still become lines, so that the last words of a plugin are known. */
const KEPT_TAIL_BYTES = 512;

const LF = 0x0a;
const CR = 0x0d;
const SMALLEST_BUFFER_BYTES = 256;

export interface SplitLine {
  /** Without its line end; bytes that are no UTF-8 have become U+FFFD. */
  readonly text: string;
  /** How many bytes at the end were thrown away because the line was longer than the limit; mostly 0. */
  readonly cutBytes: number;
}

/**
 * Makes lines of bytes, however they arrive: LF, CRLF and CR end a line, a character may be split between chunks, and
 * never more than `maxLineBytes` are kept of a line that does not end.
 */
export class LineSplitter {
  private pending = Buffer.alloc(0);
  private pendingBytes = 0;
  private cutBytes = 0;
  private afterCr = false;

  constructor(
    private readonly emit: (line: SplitLine) => void,
    private readonly maxLineBytes = MAX_LINE_BYTES,
  ) {}

  push(chunk: Buffer): void {
    let start = 0;
    if (this.afterCr && chunk.length > 0) {
      this.afterCr = false;
      if (chunk[0] === LF) start = 1;
    }
    let cr = chunk.indexOf(CR, start);
    let lf = chunk.indexOf(LF, start);
    while (cr !== -1 || lf !== -1) {
      const isCr = cr !== -1 && (lf === -1 || cr < lf);
      const end = isCr ? cr : lf;
      this.finishLine(chunk.subarray(start, end));
      start = end + 1;
      if (isCr && start === chunk.length) this.afterCr = true;
      if (isCr && chunk[start] === LF) start += 1;
      if (cr !== -1 && cr < start) cr = chunk.indexOf(CR, start);
      if (lf !== -1 && lf < start) lf = chunk.indexOf(LF, start);
    }
    this.keep(chunk.subarray(start));
  }

  /**
   * Throws away the whole lines of a chunk, at a fraction of the cost of `push`, and says how many there were. The
   * last few still come out as lines (and are not counted in the answer).
   */
  discard(chunk: Buffer): number {
    let count = 0;
    let last = -1;
    let previous = this.afterCr ? CR : 0;
    const end = chunk.length - KEPT_TAIL_BYTES;
    for (let index = 0; index < end; index += 1) {
      const byte = chunk[index];
      if (byte === CR || byte === LF) {
        if (byte === CR || previous !== CR) count += 1;
        last = index;
      }
      previous = byte ?? 0;
    }
    if (last === -1) {
      this.push(chunk);
      return 0;
    }
    this.pendingBytes = 0;
    this.cutBytes = 0;
    this.afterCr = chunk[last] === CR;
    this.push(chunk.subarray(last + 1));
    return count;
  }

  /** The output has ended: a last line without a line end is a line too. */
  end(): void {
    if (this.pendingBytes > 0 || this.cutBytes > 0) this.finishLine(Buffer.alloc(0));
    this.afterCr = false;
    this.pending = Buffer.alloc(0);
  }

  private finishLine(rest: Buffer): void {
    if (this.pendingBytes === 0 && this.cutBytes === 0 && rest.length <= this.maxLineBytes) {
      this.emit({ text: rest.toString('utf8'), cutBytes: 0 });
      return;
    }
    this.keep(rest);
    const kept = this.pending.subarray(0, this.pendingBytes);
    const whole = this.cutBytes > 0 ? wholeCharacters(kept) : kept.length;
    const line = { text: kept.toString('utf8', 0, whole), cutBytes: this.cutBytes + kept.length - whole };
    this.pendingBytes = 0;
    this.cutBytes = 0;
    this.emit(line);
  }

  private keep(bytes: Buffer): void {
    const room = this.maxLineBytes - this.pendingBytes;
    const kept = bytes.length > room ? bytes.subarray(0, room) : bytes;
    this.cutBytes += bytes.length - kept.length;
    const needed = this.pendingBytes + kept.length;
    if (needed > this.pending.length) {
      const size = Math.min(this.maxLineBytes, Math.max(SMALLEST_BUFFER_BYTES, 2 ** Math.ceil(Math.log2(needed))));
      const grown = Buffer.allocUnsafe(size);
      this.pending.copy(grown, 0, 0, this.pendingBytes);
      this.pending = grown;
    }
    kept.copy(this.pending, this.pendingBytes);
    this.pendingBytes = needed;
  }
}

/** How many bytes remain when a character that was cut in the middle is taken off the end. */
function wholeCharacters(bytes: Buffer): number {
  for (let back = 1; back <= 3 && back <= bytes.length; back += 1) {
    const byte = bytes[bytes.length - back] ?? 0;
    if ((byte & 0b1100_0000) === 0b1000_0000) continue;
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return length > back ? bytes.length - back : bytes.length;
  }
  return bytes.length;
}
