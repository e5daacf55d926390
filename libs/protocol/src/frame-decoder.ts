import { MAX_FRAME_BYTES } from '@toru/contracts';
import { FrameError } from './frame-error';

/** Size of the length before each payload: `uint32`, big-endian. */
export const FRAME_HEADER_BYTES = 4;

/** Chunks below this size are gathered in blocks of it, so that single bytes do not cost an object each. */
const BLOCK_BYTES = 8 * 1024;

export interface FrameLimits {
  /** The largest payload, in bytes; at most, and by default, `MAX_FRAME_BYTES`. */
  readonly maxFrameBytes?: number;
}

/**
 * Cuts a byte stream into the payloads of its frames, `uint32 BE length | payload` (protocol §2, PRO-1, PRO-8).
 *
 * `push` each chunk as it arrives, then call `next` until it gives undefined. The frames, and the error that ends them,
 * are the same however the bytes are cut. A length is judged as soon as its four bytes are there, and memory is only
 * ever taken for bytes that have arrived. Once broken, the decoder stays broken: there is no way to find the next frame.
 */
export class FrameDecoder {
  readonly #maxFrameBytes: number;
  /** What arrived and was not taken yet: the chunks from `#first` on, the first of them from `#offset` on… */
  #chunks: Buffer[] = [];
  #first = 0;
  #offset = 0;
  /** …and then the first `#gathered` bytes of the block. */
  #block = Buffer.alloc(0);
  #gathered = 0;
  #available = 0;
  /** The length of the frame whose header has been read. */
  #expected: number | undefined;
  #error: FrameError | undefined;

  constructor({ maxFrameBytes = MAX_FRAME_BYTES }: FrameLimits = {}) {
    this.#maxFrameBytes = Math.min(maxFrameBytes, MAX_FRAME_BYTES);
  }

  /** Adds bytes of the stream. The chunk may be kept, so the caller must not write to it afterwards. */
  push(chunk: Uint8Array): void {
    if (this.#error || chunk.length === 0) return;
    this.#available += chunk.length;
    if (chunk.length < BLOCK_BYTES) {
      this.#gather(chunk);
    } else {
      this.#sealBlock();
      this.#chunks.push(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length));
    }
  }

  /** The payload of the next frame, or undefined if it is not complete yet. Throws the `FrameError` that broke it. */
  next(): Buffer | undefined {
    if (this.#error) throw this.#error;
    if (this.#expected === undefined) {
      if (this.#available < FRAME_HEADER_BYTES) return undefined;
      this.#expected = this.#acceptLength(this.#take(FRAME_HEADER_BYTES).readUInt32BE(0));
    }
    if (this.#available < this.#expected) return undefined;
    const payload = this.#take(this.#expected);
    this.#expected = undefined;
    return payload;
  }

  /** Whether a part of a frame is waiting for the rest, after `next` gave undefined: time to set a deadline. */
  get pending(): boolean {
    return this.#error === undefined && (this.#expected !== undefined || this.#available > 0);
  }

  /** To be called at the end of the stream, after `next` gave undefined. Throws `truncated` if it ended inside a frame. */
  end(): void {
    if (this.#error) throw this.#error;
    if (this.pending) this.#break(new FrameError('truncated', 'The connection ended in the middle of a frame'));
  }

  /** The one place that knows what a length may be; version 2 gives the top bit its meaning here. */
  #acceptLength(length: number): number {
    if (length === 0) this.#break(new FrameError('empty_frame', 'A frame of length 0'));
    if (length > this.#maxFrameBytes) {
      this.#break(
        new FrameError('frame_too_large', `A frame of ${length} bytes, where ${this.#maxFrameBytes} is the limit`),
      );
    }
    return length;
  }

  #break(error: FrameError): never {
    this.#error = error;
    this.#chunks = [];
    this.#block = Buffer.alloc(0);
    this.#first = this.#offset = this.#gathered = this.#available = 0;
    throw error;
  }

  #gather(bytes: Uint8Array): void {
    let rest = bytes;
    while (rest.length > 0) {
      if (this.#gathered === this.#block.length) {
        this.#sealBlock();
        this.#block = Buffer.allocUnsafeSlow(BLOCK_BYTES);
      }
      const part = rest.subarray(0, this.#block.length - this.#gathered);
      this.#block.set(part, this.#gathered);
      this.#gathered += part.length;
      rest = rest.subarray(part.length);
    }
  }

  /** Moves what the block holds to the chunks; its free rest is filled later. */
  #sealBlock(): void {
    if (this.#gathered === 0) return;
    this.#chunks.push(this.#block.subarray(0, this.#gathered));
    this.#block = this.#block.subarray(this.#gathered);
    this.#gathered = 0;
  }

  /** Takes bytes that are known to be there: without a copy where one chunk holds them all. */
  #take(count: number): Buffer {
    this.#sealBlock();
    this.#available -= count;
    const parts: Buffer[] = [];
    let missing = count;
    while (missing > 0) {
      const chunk = this.#chunks[this.#first] as Buffer;
      const part = chunk.subarray(this.#offset, this.#offset + missing);
      parts.push(part);
      missing -= part.length;
      this.#offset += part.length;
      if (this.#offset === chunk.length) {
        this.#first += 1;
        this.#offset = 0;
      }
    }
    this.#dropUsed();
    return parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts, count);
  }

  /** Forgets used chunks, many at a time, so that the cost for each stays constant. */
  #dropUsed(): void {
    if (this.#first * 2 < this.#chunks.length) return;
    this.#chunks.splice(0, this.#first);
    this.#first = 0;
  }
}
