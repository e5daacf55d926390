import { MAX_FRAME_BYTES } from '@toru/contracts';
import { ByteQueue } from './byte-queue';
import { FrameError } from './frame-error';

/** Size of the length before each payload: `uint32`, big-endian. */
export const FRAME_HEADER_BYTES = 4;

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
  /** The only bytes there are, as they came: mostly one frame, which is cut out without a queue. */
  #chunk: Buffer | undefined;
  #queue: ByteQueue | undefined;
  /** The length of the frame whose header has been read. */
  #expected: number | undefined;
  #error: FrameError | undefined;

  constructor({ maxFrameBytes = MAX_FRAME_BYTES }: FrameLimits = {}) {
    this.#maxFrameBytes = Math.min(maxFrameBytes, MAX_FRAME_BYTES);
  }

  /** Adds bytes of the stream. The chunk may be kept, so the caller must not write to it afterwards. */
  push(chunk: Uint8Array): void {
    if (this.#error || chunk.length === 0) return;
    if (this.#chunk === undefined && this.#expected === undefined && this.#available === 0) {
      this.#chunk = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length);
      return;
    }
    const queue = (this.#queue ??= new ByteQueue());
    if (this.#chunk !== undefined) queue.push(this.#chunk);
    this.#chunk = undefined;
    queue.push(chunk);
  }

  /** The same for a chunk that the caller will write to again: before that, the frames are to be read and then `keep` called. */
  lend(chunk: Uint8Array): void {
    this.push(this.pending ? Buffer.from(chunk) : chunk);
  }

  /** Copies what is left of the chunk that was lent. */
  keep(): void {
    if (this.#chunk === undefined) return;
    (this.#queue ??= new ByteQueue()).push(Buffer.from(this.#chunk));
    this.#chunk = undefined;
  }

  /** The payload of the next frame, or undefined if it is not complete yet. Throws the `FrameError` that broke it. */
  next(): Buffer | undefined {
    if (this.#error) throw this.#error;
    return this.#chunk === undefined ? this.#nextOfQueue() : this.#nextOfChunk(this.#chunk);
  }

  /** Whether a part of a frame is waiting for the rest, after `next` gave undefined: time to set a deadline. */
  get pending(): boolean {
    return (
      this.#error === undefined && (this.#chunk !== undefined || this.#expected !== undefined || this.#available > 0)
    );
  }

  /** To be called at the end of the stream, after `next` gave undefined. Throws `truncated` if it ended inside a frame. */
  end(): void {
    if (this.#error) throw this.#error;
    if (this.pending) this.#break(new FrameError('truncated', 'The connection ended in the middle of a frame'));
  }

  get #available(): number {
    return this.#queue?.available ?? 0;
  }

  #nextOfChunk(chunk: Buffer): Buffer | undefined {
    if (chunk.length < FRAME_HEADER_BYTES) return undefined;
    const end = FRAME_HEADER_BYTES + this.#acceptLength(chunk.readUInt32BE(0));
    if (chunk.length < end) return undefined;
    this.#chunk = chunk.length === end ? undefined : chunk.subarray(end);
    return chunk.subarray(FRAME_HEADER_BYTES, end);
  }

  #nextOfQueue(): Buffer | undefined {
    const queue = this.#queue;
    if (queue === undefined) return undefined;
    if (this.#expected === undefined) {
      if (queue.available < FRAME_HEADER_BYTES) return undefined;
      this.#expected = this.#acceptLength(queue.take(FRAME_HEADER_BYTES).readUInt32BE(0));
    }
    if (queue.available < this.#expected) return undefined;
    const payload = queue.take(this.#expected);
    this.#expected = undefined;
    return payload;
  }

  /** What a length may be in version 1: the top bit, which version 2 gives a meaning, makes it too large. */
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
    this.#chunk = undefined;
    this.#queue = undefined;
    throw error;
  }
}
