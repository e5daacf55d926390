import { MAX_FRAME_BYTES, TAIL_BIT } from '@toru/contracts';
import { FRAME_HEADER_BYTES } from '../frame-decoder';
import type { FrameLimits } from '../frame-decoder';
import { FrameError } from '../frame-error';
import { HEAD_LENGTH_BYTES } from './frame-decoder-v2';

/** Frames are written one behind the other into blocks of this size. */
const BLOCK_BYTES = 64 * 1024;
/** Tails up to this size are copied into the block: cheaper than a buffer of their own in the list. */
const COPIED_TAIL_BYTES = 8 * 1024;

/**
 * Encodes frames (protocol v2 §1) into a list of buffers that goes out with one gathered write. Heads and small tails
 * share blocks; a larger tail is put on the list as it is, without a copy, and must not be written to any more.
 */
export class FrameBatch {
  readonly #maxFrameBytes: number;
  #buffers: Uint8Array[] = [];
  #block = Buffer.alloc(0);
  /** What of the block is on the list already, and what is written. */
  #start = 0;
  #end = 0;
  #byteLength = 0;

  constructor({ maxFrameBytes = MAX_FRAME_BYTES }: FrameLimits = {}) {
    this.#maxFrameBytes = Math.min(maxFrameBytes, MAX_FRAME_BYTES);
  }

  /** Bytes since the last `take`. */
  get byteLength(): number {
    return this.#byteLength;
  }

  /** Adds a frame: plain without a tail or with one of no bytes. Throws `FrameError` `frame_too_large`. */
  add(json: string, tail?: Uint8Array): void {
    const headBytes = Buffer.byteLength(json);
    const tailBytes = tail?.length ?? 0;
    const length = tailBytes === 0 ? headBytes : HEAD_LENGTH_BYTES + headBytes + tailBytes;
    if (length > this.#maxFrameBytes) {
      throw new FrameError(
        'frame_too_large',
        `The message takes ${length} bytes, where ${this.#maxFrameBytes} is the limit`,
      );
    }
    this.#byteLength += FRAME_HEADER_BYTES + length;
    const copied = tailBytes <= COPIED_TAIL_BYTES ? tailBytes : 0;
    this.#reserve(FRAME_HEADER_BYTES + HEAD_LENGTH_BYTES + headBytes + copied);
    if (tailBytes === 0) {
      this.#end = this.#block.writeUInt32BE(length, this.#end);
    } else {
      this.#end = this.#block.writeUInt32BE(TAIL_BIT + length, this.#end);
      this.#end = this.#block.writeUInt32BE(headBytes, this.#end);
    }
    this.#end += this.#block.write(json, this.#end);
    if (!tail || tailBytes === 0) return;
    if (copied > 0) {
      this.#block.set(tail, this.#end);
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

  #reserve(bytes: number): void {
    if (this.#block.length - this.#end >= bytes) return;
    this.#seal();
    this.#block = Buffer.allocUnsafeSlow(Math.max(BLOCK_BYTES, bytes));
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
