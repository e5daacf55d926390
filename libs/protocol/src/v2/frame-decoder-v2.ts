import { MAX_FRAME_BYTES, TAIL_BIT } from '@toru/contracts';
import { ByteQueue } from '../byte-queue';
import { FRAME_HEADER_BYTES } from '../frame-decoder';
import type { FrameLimits } from '../frame-decoder';
import { FrameError } from '../frame-error';

/** Size of the integer that says how long the head is. */
export const HEAD_LENGTH_BYTES = 4;

/**
 * Cuts a byte stream into frames of both kinds (protocol v2 §1, PRO-8).
 *
 * `push` each chunk as it arrives, then call `next` until it gives undefined: it gives the JSON of a frame, and `tail`
 * holds its raw bytes until the following call. Both are parts of what arrived, without a copy where one chunk holds the
 * frame. The frames, and the error that ends them, are the same however the bytes are cut. What a length or a head must
 * not be is judged as soon as its four bytes are there. Once broken, the decoder stays broken.
 */
export class FrameDecoderV2 {
  readonly #bytes = new ByteQueue();
  #maxFrameBytes: number;
  /** Whether frames with a tail may come: only after `ready`. */
  #acceptsTails = false;
  /** The length of the frame whose header has been read; 0 for none. */
  #expected = 0;
  #hasTail = false;
  /** The length of the head, where it has been read; 0 for none. */
  #headBytes = 0;
  #tail: Buffer | undefined;
  #error: FrameError | undefined;

  constructor({ maxFrameBytes = MAX_FRAME_BYTES }: FrameLimits = {}) {
    this.#maxFrameBytes = Math.min(maxFrameBytes, MAX_FRAME_BYTES);
  }

  /** What follows the last byte that `next` took may be frames with a tail. */
  acceptTails(): void {
    this.#acceptsTails = true;
  }

  /** A smaller limit, from the next frame on. */
  limitTo(maxFrameBytes: number): void {
    this.#maxFrameBytes = Math.min(maxFrameBytes, this.#maxFrameBytes);
  }

  /** Adds bytes of the stream. The chunk may be kept, so the caller must not write to it afterwards. */
  push(chunk: Uint8Array): void {
    if (!this.#error) this.#bytes.push(chunk);
  }

  /** The JSON of the next frame, or undefined if it is not complete yet. Throws the `FrameError` that broke it. */
  next(): Buffer | undefined {
    if (this.#error) throw this.#error;
    this.#tail = undefined;
    if (this.#expected === 0) {
      if (this.#bytes.available < FRAME_HEADER_BYTES) return undefined;
      this.#readLength(this.#bytes.takeUInt32BE());
    }
    if (!this.#hasTail) return this.#bytes.available < this.#expected ? undefined : this.#takeFrame();
    if (this.#headBytes === 0) {
      if (this.#bytes.available < HEAD_LENGTH_BYTES) return undefined;
      this.#readHeadLength(this.#bytes.takeUInt32BE());
    }
    if (this.#bytes.available < this.#expected) return undefined;
    const tailBytes = this.#expected - this.#headBytes;
    const head = this.#bytes.take(this.#headBytes);
    this.#tail = this.#bytes.take(tailBytes);
    this.#expected = this.#headBytes = 0;
    return head;
  }

  /** The tail of the frame that `next` gave last; undefined if that was a plain one. */
  get tail(): Buffer | undefined {
    return this.#tail;
  }

  /** Whether a part of a frame is waiting for the rest, after `next` gave undefined: time to set a deadline. */
  get pending(): boolean {
    return this.#error === undefined && (this.#expected > 0 || this.#bytes.available > 0);
  }

  /** To be called at the end of the stream, after `next` gave undefined. Throws `truncated` if it ended inside a frame. */
  end(): void {
    if (this.#error) throw this.#error;
    if (this.pending) this.#break(new FrameError('truncated', 'The connection ended in the middle of a frame'));
  }

  #takeFrame(): Buffer {
    const frame = this.#bytes.take(this.#expected);
    this.#expected = this.#headBytes = 0;
    return frame;
  }

  #readLength(given: number): void {
    this.#hasTail = given >= TAIL_BIT;
    if (this.#hasTail && !this.#acceptsTails) {
      this.#break(new FrameError('tail_before_ready', 'A frame with a tail before ready'));
    }
    const length = this.#hasTail ? given - TAIL_BIT : given;
    if (length === 0) this.#break(new FrameError('empty_frame', 'A frame of length 0'));
    if (length > this.#maxFrameBytes) {
      this.#break(
        new FrameError('frame_too_large', `A frame of ${length} bytes, where ${this.#maxFrameBytes} is the limit`),
      );
    }
    if (this.#hasTail && length <= HEAD_LENGTH_BYTES) {
      this.#break(new FrameError('invalid_head', `A frame with a tail of ${length} bytes has no room for its head`));
    }
    this.#expected = length;
  }

  /** From here on `#expected` counts the head and the tail alone. */
  #readHeadLength(length: number): void {
    this.#expected -= HEAD_LENGTH_BYTES;
    if (length === 0 || length > this.#expected) {
      this.#break(new FrameError('invalid_head', `A head of ${length} bytes, where ${this.#expected} are left`));
    }
    this.#headBytes = length;
  }

  #break(error: FrameError): never {
    this.#error = error;
    this.#tail = undefined;
    this.#bytes.clear();
    throw error;
  }
}
