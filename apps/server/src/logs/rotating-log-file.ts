import { lstat, rename, rm } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { type Cancel, type Clock, errorCode } from '../common';
import { LineQueue } from './line-queue';
import { openForAppend } from './log-file-path';

export interface RotatingLogFileOptions {
  readonly clock: Clock;
  /** The line (without newline) that says how many lines were lost while the file could not be written. */
  readonly lossNotice: (lostLines: number) => string;
  /** Told once when writing begins to fail; it goes on trying. */
  readonly onFailure: (error: unknown) => void;
  /** A file grows to this size, in bytes, before it is rotated. */
  readonly maxFileBytes: number;
  /** How many rotated files are kept (`x.log.1` is the youngest); at least 1. */
  readonly keptFiles: number;
  /** How much may wait in memory, in bytes, before lines are lost. Default 4 MiB. */
  readonly maxBufferBytes?: number;
  /** Opens the file; for tests of disks that fail. */
  readonly openFile?: (file: string) => Promise<FileHandle>;
}

const DEFAULT_MAX_BUFFER_BYTES = 4 * 1024 * 1024;
const MAX_BATCH_BYTES = 256 * 1024;
const RETRY_MS = 1000;
/** Lines that come while others are written are gathered for so long, unless there are many: a write costs far more than a line. */
const GATHER_MS = 20;
const GATHER_BYTES = 64 * 1024;
/** Whether somebody else has rotated the file is looked at so often, and with every `flush`. */
const LOOK_MS = 100;

/**
 * Appends whole lines to a file and rotates it by renaming, so that whoever follows the file reads every line once.
 * One write is under way at a time; lines that come meanwhile wait in a bounded queue and go out together. A disk that
 * is full or broken costs lines, which are counted, and never an error to the caller: writing resumes by itself.
 */
export class RotatingLogFile {
  private readonly queue: LineQueue;
  private handle: FileHandle | undefined;
  /** How much of the oldest waiting line stands in the file already, after a write that stopped in its middle. */
  private tornBytes = 0;
  private running: Promise<void> | undefined;
  private cancelRetry: Cancel | undefined;
  private cancelGather: Cancel | undefined;
  /** What the file has, and when that was looked at. */
  private size = 0;
  private lookedAt = -Infinity;
  private failing = false;
  private closed = false;

  constructor(
    readonly path: string,
    private readonly options: RotatingLogFileOptions,
  ) {
    this.queue = new LineQueue(options.maxBufferBytes ?? DEFAULT_MAX_BUFFER_BYTES, options.lossNotice);
  }

  /** Takes one line without its newline. Never throws, never waits. */
  write(line: string): void {
    if (this.closed) return;
    this.queue.push(line);
    if (!this.cancelRetry && !this.cancelGather) void this.start();
  }

  /** Resolves when what was taken so far is written, or when it turns out that it cannot be written now. */
  async flush(): Promise<void> {
    this.cancelRetry?.();
    this.cancelRetry = undefined;
    this.lookedAt = -Infinity;
    await this.running;
    while (!this.queue.isEmpty && !this.retryIsArranged()) await this.start();
  }

  /** Flushes and closes the file. What cannot be written now is lost. Idempotent. */
  async close(): Promise<void> {
    this.closed = true;
    await this.flush();
    this.cancelRetry?.();
    this.cancelRetry = undefined;
    await this.closeHandle();
  }

  private retryIsArranged(): boolean {
    return this.cancelRetry !== undefined;
  }

  private start(): Promise<void> {
    this.cancelGather?.();
    this.cancelGather = undefined;
    this.running ??= this.run().finally(() => {
      this.running = undefined;
      if (!this.queue.isEmpty && !this.cancelRetry && !this.closed) this.gather();
    });
    return this.running;
  }

  private gather(): void {
    this.cancelGather ??= this.options.clock.setTimeout(() => {
      this.cancelGather = undefined;
      void this.start();
    }, GATHER_MS);
  }

  /** Writes a batch, and more while many lines wait; on a failure, arranges the next attempt. */
  private async run(): Promise<void> {
    try {
      if (!this.queue.isEmpty) await this.writeBatch();
      while (this.queue.byteLength >= GATHER_BYTES) await this.writeBatch();
      this.failing = false;
    } catch (error) {
      await this.closeUnlessTorn();
      if (!this.failing) this.options.onFailure(error);
      this.failing = true;
      this.cancelRetry ??= this.options.clock.setTimeout(() => {
        this.cancelRetry = undefined;
        void this.start();
      }, RETRY_MS);
    }
  }

  private async writeBatch(): Promise<void> {
    let { handle, size } = await this.currentFile();
    const first = this.queue.peek(0).data.length - this.tornBytes;
    if (size > 0 && this.tornBytes === 0 && size + first > this.options.maxFileBytes) {
      await this.rotate();
      ({ handle, size } = await this.currentFile());
    }
    const room = Math.min(MAX_BATCH_BYTES, this.options.maxFileBytes - size);
    const { data, lineBytes } = this.queue.peek(room);
    let written = this.tornBytes;
    try {
      while (written < data.length) {
        const { bytesWritten } = await handle.write(data, written, data.length - written);
        written += bytesWritten;
        this.size += bytesWritten;
      }
    } finally {
      let whole = 0;
      let wholeBytes = 0;
      for (const bytes of lineBytes) {
        if (wholeBytes + bytes > written) break;
        wholeBytes += bytes;
        whole += 1;
      }
      this.queue.drop(whole);
      this.tornBytes = written - wholeBytes;
    }
  }

  /**
   * The open file and its size now. Another file at the path (or none) means that somebody else rotated it: then a
   * new one is opened. A file that was emptied in place is simply smaller.
   */
  private async currentFile(): Promise<{ handle: FileHandle; size: number }> {
    const now = this.options.clock.monotonic();
    if (this.handle && now - this.lookedAt < LOOK_MS) return { handle: this.handle, size: this.size };
    const { handle, size } = await this.lookAtFile();
    this.lookedAt = now;
    this.size = size;
    return { handle, size };
  }

  private async lookAtFile(): Promise<{ handle: FileHandle; size: number }> {
    if (this.handle) {
      const [own, there] = await Promise.all([this.handle.stat(), lstat(this.path).catch(ignoreMissing)]);
      if (there?.ino === own.ino && there.dev === own.dev) return { handle: this.handle, size: own.size };
      await this.closeHandle();
    }
    const handle = await (this.options.openFile ?? openForAppend)(this.path);
    try {
      const { size } = await handle.stat();
      const added = await endTornLine(handle, size);
      this.handle = handle;
      return { handle, size: size + added };
    } catch (error) {
      await handle.close().catch(() => undefined);
      throw error;
    }
  }

  private async rotate(): Promise<void> {
    const { keptFiles } = this.options;
    await this.closeHandle();
    await rm(`${this.path}.${keptFiles}`, { force: true });
    for (let number = keptFiles - 1; number >= 1; number -= 1) {
      await rename(`${this.path}.${number}`, `${this.path}.${number + 1}`).catch(ignoreMissing);
    }
    await rename(this.path, `${this.path}.1`).catch(ignoreMissing);
  }

  /** After a torn write the file stays open, so that the line can be completed in it. */
  private async closeUnlessTorn(): Promise<void> {
    if (this.tornBytes === 0) await this.closeHandle();
  }

  private async closeHandle(): Promise<void> {
    const handle = this.handle;
    this.handle = undefined;
    this.tornBytes = 0;
    await handle?.close().catch(() => undefined);
  }
}

function ignoreMissing(error: unknown): undefined {
  if (errorCode(error) !== 'ENOENT') throw error;
}

/** Ends a line that a crash left without its newline, so that it does not swallow the next one. */
async function endTornLine(handle: FileHandle, size: number): Promise<number> {
  if (size === 0) return 0;
  const { buffer } = await handle.read(Buffer.alloc(1), 0, 1, size - 1);
  if (buffer[0] === 0x0a) return 0;
  await handle.write('\n');
  return 1;
}
