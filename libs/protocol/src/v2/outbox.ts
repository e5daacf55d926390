import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { FrameBatch } from './frame-batch';
import { ConnectionClosedError } from './connection-errors';
import { Deadline } from './deadline';

/** From so much on, what was gathered is written before the turn ends: the other side works on it while this one goes on. */
const EARLY_BYTES = 32 * 1024;
/** …or from so many frames on: small ones are as much work as large ones. */
const EARLY_FRAMES = 16;
/** …as long as not so much is on its way already. */
const MAX_EARLY_BYTES = 128 * 1024;

export interface OutboxOptions {
  readonly maxFrameBytes: number;
  /** From so many waiting bytes on, nothing new is begun (`whenWritable`). */
  readonly highWaterBytes: number;
  /** Beyond so many the connection is given up. */
  readonly maxBufferedBytes: number;
  /** Milliseconds that the other side may take without having read what one write gave it. */
  readonly stallMs: number;
  readonly onFailed: (error: ConnectionClosedError) => void;
}

/**
 * The writing side of a connection. What is sent in one turn of the event loop goes out with few writes, and while enough
 * is on its way the next one grows.
 */
export class Outbox {
  readonly #socket: Duplex;
  readonly #options: OutboxOptions;
  /** A socket has written what it says it has; another stream may have passed it on to somebody who keeps it. */
  readonly #recycles: boolean;
  #batch: FrameBatch;
  /** How many frames were gathered. */
  #frames = 0;
  /** Bytes of the writes that are on their way. */
  #writing = 0;
  #scheduled: NodeJS.Immediate | undefined;
  readonly #stalled: Deadline;
  #waiting: (() => void)[] = [];
  #closed = false;

  constructor(socket: Duplex, options: OutboxOptions) {
    this.#socket = socket;
    this.#options = options;
    this.#recycles = socket instanceof Socket;
    this.#batch = new FrameBatch({ maxFrameBytes: options.maxFrameBytes });
    const { stallMs, onFailed } = options;
    this.#stalled = new Deadline(stallMs, () => {
      const message = `The other side did not read what it was sent within ${stallMs} ms`;
      onFailed(new ConnectionClosedError('write_stalled', message));
    });
  }

  /** A smaller limit for frames, as `init` may set it. */
  limitTo(maxFrameBytes: number): void {
    this.#flush();
    this.#batch = new FrameBatch({ maxFrameBytes: Math.min(maxFrameBytes, this.#options.maxFrameBytes) });
  }

  /** Adds a frame, as `FrameBatch.add` does; nothing happens after `close`. Throws `FrameError` `frame_too_large`. */
  send(head: string | Uint8Array, tail?: Uint8Array | string): void {
    if (this.#closed) return;
    this.#batch.add(head, tail);
    this.#frames += 1;
    if (this.#buffered > this.#options.maxBufferedBytes) {
      this.#options.onFailed(
        new ConnectionClosedError('write_overflow', 'The other side does not take what it asked for'),
      );
    } else if (this.#isMuch && this.#writing < MAX_EARLY_BYTES) {
      this.#flush();
    } else if (this.#writing === 0) {
      this.#scheduled ??= setImmediate(this.#onTurn);
    }
  }

  /** Whether a task would run at once. */
  get takesMore(): boolean {
    return this.#closed || (this.#waiting.length === 0 && this.hasRoom);
  }

  /** Runs the task when there is room: at once where there is, else in turn. After `close` all of them run. */
  whenWritable(task: () => void): void {
    if (this.takesMore) task();
    else this.#waiting.push(task);
  }

  /** Hands over what was sent and stops; a write that is on its way is not waited for. */
  close(): void {
    if (this.#closed) return;
    if (!this.#socket.destroyed) this.#write();
    this.#closed = true;
    clearImmediate(this.#scheduled);
    this.#stalled.close();
    for (const task of this.#waiting.splice(0)) task();
  }

  /** Whether the other side should have what was gathered before the turn ends. */
  get #isMuch(): boolean {
    return this.#batch.byteLength >= EARLY_BYTES || this.#frames >= EARLY_FRAMES;
  }

  get #buffered(): number {
    return this.#batch.byteLength + this.#writing;
  }

  /** Whether something new may be begun. */
  get hasRoom(): boolean {
    return this.#buffered < this.#options.highWaterBytes;
  }

  readonly #onTurn = (): void => {
    this.#scheduled = undefined;
    if (this.#writing === 0) this.#flush();
  };

  #flush(): void {
    if (this.#closed || this.#batch.byteLength === 0) return;
    this.#stalled.begin();
    const bytes = this.#batch.byteLength;
    this.#writing += bytes;
    this.#write((error) => this.#onWritten(bytes, error));
  }

  #write(onWritten?: (error?: Error | null) => void): void {
    this.#frames = 0;
    const buffers = this.#batch.take();
    const last = buffers.pop();
    if (!last) return;
    if (buffers.length === 0) {
      this.#socket.write(last, onWritten);
      return;
    }
    this.#socket.cork();
    for (const buffer of buffers) this.#socket.write(buffer);
    this.#socket.write(last, onWritten);
    this.#socket.uncork();
  }

  #onWritten(bytes: number, error?: Error | null): void {
    if (error) this.#stalled.close();
    // The socket's own events tell of an error.
    if (error || this.#closed) return;
    this.#writing -= bytes;
    if (this.#writing > 0) this.#stalled.restart();
    else this.#stalled.end();
    if (this.#writing === 0 && this.#recycles) this.#batch.recycle();
    this.#runWaiting();
    if (this.#writing === 0) this.#flush();
  }

  #runWaiting(): void {
    let done = 0;
    while (done < this.#waiting.length && this.hasRoom) this.#waiting[done++]?.();
    this.#waiting.splice(0, done);
  }
}
