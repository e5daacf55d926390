import { ReadableStream } from 'node:stream/web';
import type { WireErrorV2 } from '@toru/contracts';
import { ByteQueue } from '../byte-queue';
import { ProtocolError } from '../protocol-error';
import { StreamError } from './connection-errors';
import { creditHead, errorHead } from './data-v2';

/** What a stream needs of its connection. */
export interface ReceivePort {
  send(head: string): void;
  /** The stream is over: its number may be forgotten. */
  closed(stream: ReceiveStream): void;
}

/** The window of a reader that keeps up grows to so many times what `init` says. */
const MOST_WINDOWS = 4;

/** False: no more is wanted. A promise: no more until then, and then what it says. */
type TakeBytes = (bytes: Uint8Array) => false | undefined | Promise<unknown>;

/**
 * The receiving side of a stream (protocol v2 §6): its bytes, once, as an async iterable, with `read`, with `forEach`, or as
 * a web stream (`toWeb`). What is not read waits here, never more than the window, and credit is given as it is read. The
 * window grows for a reader that waits for the bytes and not they for it: the other side then writes more at once, and the two
 * processes change places less often (docs/benchmarks.md). Leaving a loop over it early cancels it.
 */
export class ReceiveStream implements AsyncIterable<Uint8Array> {
  readonly #port: ReceivePort;
  #window: number;
  readonly #maxWindow: number;
  /** Gathers small pieces, so that a sender of single bytes does not cost an object for each. */
  readonly #bytes = new ByteQueue();
  /** The only bytes that wait, for a reader that takes them before the turn ends: as they came, without a copy. */
  #piece: Uint8Array | undefined;
  /** Whether such a reader waits. */
  #isTaker = false;
  /** Bytes that may still come before credit is given; bytes that were read since credit was given. */
  #allowed: number;
  #consumed = 0;
  /** Bytes that found a reader waiting, since credit was given. */
  #awaited = 0;
  #ended = false;
  #error: Error | undefined;
  #wake: (() => void) | undefined;
  readonly #onClose: ((error: Error | undefined) => void)[] = [];

  constructor(
    readonly id: number,
    window: number,
    port: ReceivePort,
  ) {
    this.#allowed = this.#window = window;
    this.#maxWindow = MOST_WINDOWS * window;
    this.#port = port;
  }

  /** Whether nothing more can come; what has come may still be read after an end. */
  get isOver(): boolean {
    return this.#ended || this.#error !== undefined;
  }

  /** Calls back once, when nothing more can come: with the error that broke it off, or with undefined at its end. */
  onClose(callback: (error: Error | undefined) => void): void {
    if (this.isOver) callback(this.#error);
    else this.#onClose.push(callback);
  }

  /** The next bytes, or undefined at the end. Rejects with `StreamError` or `ConnectionClosedError`. */
  async read(): Promise<Uint8Array | undefined> {
    for (;;) {
      const chunk = this.#shift();
      if (chunk) return chunk;
      if (this.#error) throw this.#error;
      if (this.#ended) return undefined;
      await this.#waitForMore();
    }
  }

  /**
   * Hands the bytes over, what came in one turn in one piece, until they end or `take` wants no more: then what follows is
   * there for others. They may be a part of a larger chunk, so whoever keeps them copies them. Rejects as `read` does, and
   * with what `take` throws.
   */
  async forEach(take: TakeBytes): Promise<void> {
    for (;;) {
      const chunk = this.#shiftPiece() ?? this.#shift();
      if (chunk) {
        const going = take(chunk);
        if (going !== undefined && (await going) === false) return;
      } else {
        if (this.#error) throw this.#error;
        if (this.#ended) return;
        this.#isTaker = true;
        await this.#waitForMore();
        this.#isTaker = false;
      }
    }
  }

  /** No more is wanted: what waits is dropped, and the sender is told to stop. Nothing happens if it is over. */
  cancel(error: WireErrorV2 = { code: 'unwanted', message: 'The receiver wants no more' }): void {
    this.#drop();
    if (this.isOver) return;
    this.#port.send(errorHead(this.id, error));
    this.#finish(new StreamError(error.code, error.message));
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      for (let chunk = await this.read(); chunk; chunk = await this.read()) yield chunk;
    } finally {
      this.cancel();
    }
  }

  /** The rest as a web stream, for `Response` and the like; it takes nothing in advance. */
  toWeb(): ReadableStream<Uint8Array> {
    return new ReadableStream<Uint8Array>(
      {
        pull: async (controller) => {
          const chunk = await this.read();
          if (chunk) controller.enqueue(chunk);
          else controller.close();
        },
        cancel: () => this.cancel(),
      },
      { highWaterMark: 0 },
    );
  }

  /** For the connection: bytes arrived. Throws `ProtocolError` `window_exceeded`. */
  accept(bytes: Uint8Array): void {
    this.#allowed -= bytes.length;
    if (this.#allowed < 0) {
      throw new ProtocolError('window_exceeded', `Stream ${this.id} got more bytes than its window allows`);
    }
    if (bytes.length === 0) return;
    if (this.#wake) this.#awaited += bytes.length;
    if (this.#isTaker && this.#piece === undefined && this.#bytes.available === 0) this.#piece = bytes;
    else this.#enqueue(bytes);
    this.#wake?.();
  }

  /** For the connection: the sender has sent everything. */
  complete(): void {
    if (!this.isOver) this.#finish(undefined);
  }

  /** For the connection: broken off; what waits unread is dropped. */
  fail(error: Error): void {
    if (this.isOver) return;
    this.#drop();
    this.#finish(error);
  }

  #enqueue(bytes: Uint8Array): void {
    if (this.#piece) this.#bytes.push(this.#piece);
    this.#piece = undefined;
    this.#bytes.push(bytes);
  }

  #drop(): void {
    this.#piece = undefined;
    this.#bytes.clear();
  }

  #shiftPiece(): Uint8Array | undefined {
    const piece = this.#piece;
    if (!piece) return undefined;
    this.#piece = undefined;
    this.#giveCredit(piece.length);
    return piece;
  }

  #shift(): Uint8Array | undefined {
    const chunk = this.#bytes.takeSome();
    if (!chunk) return undefined;
    this.#giveCredit(chunk.length);
    return chunk;
  }

  /** Gives credit in halves of the window: seldom, and early enough that the sender need not stop. */
  #giveCredit(bytes: number): void {
    if (this.isOver) return;
    this.#consumed += bytes;
    if (this.#consumed * 2 < this.#window) return;
    const credit = this.#consumed + this.#grow();
    this.#consumed = 0;
    this.#allowed += credit;
    this.#port.send(creditHead(this.id, credit));
  }

  /** How much larger the window is from now on: a reader that mostly waited could have had more. */
  #grow(): number {
    const isQuick = this.#awaited * 2 >= this.#consumed;
    this.#awaited = 0;
    if (!isQuick) return 0;
    const more = Math.min(this.#window, this.#maxWindow - this.#window);
    this.#window += more;
    return more;
  }

  #waitForMore(): Promise<void> {
    return new Promise((resolve) => {
      const before = this.#wake;
      this.#wake = () => {
        this.#wake = undefined;
        before?.();
        resolve();
      };
    });
  }

  #finish(error: Error | undefined): void {
    if (error) this.#error = error;
    else this.#ended = true;
    this.#port.closed(this);
    this.#wake?.();
    for (const callback of this.#onClose.splice(0)) callback(error);
  }
}
