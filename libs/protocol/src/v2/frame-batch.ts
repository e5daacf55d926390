import { MAX_FRAME_BYTES, TAIL_BIT } from '@toru/contracts';
import { FRAME_HEADER_BYTES } from '../frame-decoder';
import type { FrameLimits } from '../frame-decoder';
import { FrameError } from '../frame-error';
import { HEAD_LENGTH_BYTES } from './frame-decoder-v2';

/** Frames are written one behind the other into blocks of this size. */
const BLOCK_BYTES = 64 * 1024;
/** Tails up to this size are copied into the block: cheaper than a buffer of their own in the list. */
const COPIED_TAIL_BYTES = 8 * 1024;
/** Blocks that are kept for later, at most. */
const MAX_SPARE_BLOCKS = 4;
/** A character of a string takes so many bytes of UTF-8 at most. */
const MAX_CHAR_BYTES = 3;

const NO_BLOCK: Buffer = Buffer.alloc(0);

/**
 * Encodes frames (protocol v2 §1) into a list of buffers that goes out with one gathered write. Heads and small tails
 * share blocks; a larger tail is put on the list as it is, without a copy, and must not be written to any more.
 */
export class FrameBatch {
  readonly #maxFrameBytes: number;
  #buffers: Uint8Array[] = [];
  #block = NO_BLOCK;
  /** What of the block is on the list already, and what is written. */
  #start = 0;
  #end = 0;
  #byteLength = 0;
  /** Blocks that are full, and those that may be filled again. */
  #full: Buffer[] = [];
  readonly #spare: Buffer[] = [];

  constructor({ maxFrameBytes = MAX_FRAME_BYTES }: FrameLimits = {}) {
    this.#maxFrameBytes = Math.min(maxFrameBytes, MAX_FRAME_BYTES);
  }

  /** Bytes since the last `take`. */
  get byteLength(): number {
    return this.#byteLength;
  }

  /** Adds a frame: plain without a tail or with one of no bytes. Throws `FrameError` `frame_too_large`. */
  add(json: string, tail?: Uint8Array): void {
    const tailBytes = tail?.length ?? 0;
    const headerBytes = tailBytes === 0 ? FRAME_HEADER_BYTES : FRAME_HEADER_BYTES + HEAD_LENGTH_BYTES;
    const copied = tailBytes <= COPIED_TAIL_BYTES ? tailBytes : 0;
    this.#reserve(headerBytes + this.#mostBytes(json, headerBytes, tailBytes) + copied);
    const block = this.#block;
    const headAt = this.#end + headerBytes;
    const headBytes = block.write(json, headAt);
    const length = headerBytes - FRAME_HEADER_BYTES + headBytes + tailBytes;
    block.writeUInt32BE(tailBytes === 0 ? length : TAIL_BIT + length, this.#end);
    if (tailBytes > 0) block.writeUInt32BE(headBytes, this.#end + FRAME_HEADER_BYTES);
    this.#byteLength += FRAME_HEADER_BYTES + length;
    this.#end = headAt + headBytes;
    if (!tail || tailBytes === 0) return;
    if (copied > 0) {
      block.set(tail, this.#end);
      this.#end += tailBytes;
    } else {
      this.#seal();
      this.#buffers.push(tail);
    }
  }

  /** Everything since the last time, in order. */
  take(): Uint8Array[] {
    this.#seal();
    const buffers = this.#buffers;
    this.#buffers = [];
    this.#byteLength = 0;
    return buffers;
  }

  /** Nobody reads any more what `take` has given so far: its memory is used again. */
  recycle(): void {
    if (this.#byteLength > 0) return;
    this.#spare.push(...this.#full.splice(0));
    this.#start = this.#end = 0;
    if (this.#block.length > BLOCK_BYTES) this.#block = NO_BLOCK;
  }

  /** How much room the head needs: counted where that matters alone. Throws where the frame is too large. */
  #mostBytes(json: string, headerBytes: number, tailBytes: number): number {
    const most = json.length * MAX_CHAR_BYTES;
    if (headerBytes + most + tailBytes <= Math.min(this.#maxFrameBytes, BLOCK_BYTES)) return most;
    const headBytes = Buffer.byteLength(json);
    const length = headerBytes - FRAME_HEADER_BYTES + headBytes + tailBytes;
    if (length <= this.#maxFrameBytes) return headBytes;
    throw new FrameError(
      'frame_too_large',
      `The message takes ${length} bytes, where ${this.#maxFrameBytes} is the limit`,
    );
  }

  #reserve(bytes: number): void {
    if (this.#block.length - this.#end >= bytes) return;
    this.#seal();
    const { length } = this.#block;
    if (length === BLOCK_BYTES && this.#full.length + this.#spare.length < MAX_SPARE_BLOCKS)
      this.#full.push(this.#block);
    const spare = bytes <= BLOCK_BYTES ? this.#spare.pop() : undefined;
    this.#block = spare ?? Buffer.allocUnsafeSlow(Math.max(BLOCK_BYTES, bytes));
    this.#start = this.#end = 0;
  }

  #seal(): void {
    if (this.#end > this.#start) this.#buffers.push(this.#block.subarray(this.#start, this.#end));
    this.#start = this.#end;
  }
}

/** One frame as a list of buffers: the length and the head, and the tail as it was given where it is large. */
export function encodeFrameV2(message: object, tail?: Uint8Array, limits?: FrameLimits): Uint8Array[] {
  const batch = new FrameBatch(limits);
  batch.add(JSON.stringify(message), tail);
  return batch.take();
}
