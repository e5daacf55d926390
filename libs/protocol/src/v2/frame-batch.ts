import { MAX_FRAME_BYTES, TAIL_BIT } from '@toru/contracts';
import { FRAME_HEADER_BYTES } from '../frame-decoder';
import type { FrameLimits } from '../frame-decoder';
import { FrameError } from '../frame-error';
import { HEAD_LENGTH_BYTES } from './frame-decoder-v2';

/** Frames are written one behind the other into blocks of this size. */
const BLOCK_BYTES = 64 * 1024;
/** With less room in its block a new list begins with another one: a list of one buffer is written faster. */
const MIN_ROOM_BYTES = 32 * 1024;
/** Tails up to this size are copied into the block: cheaper than a buffer of their own in the list. */
const COPIED_TAIL_BYTES = 8 * 1024;
/** A frame whose tail is a text is written into the block where it takes no more than this, whatever its characters are. */
const MAX_TEXT_BYTES = 16 * 1024;
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

  /**
   * Adds a frame: plain without a tail or with one of no bytes. The head is copied; of a short text for a tail the bytes
   * are written here. Throws `FrameError` `frame_too_large`.
   */
  add(head: string | Uint8Array, tail?: Uint8Array | string): void {
    if (typeof tail === 'string') this.#addText(head, tail);
    else this.#add(head, tail);
  }

  #addText(head: string | Uint8Array, tail: string): void {
    const most = mostBytes(head) + tail.length * MAX_CHAR_BYTES + FRAME_HEADER_BYTES + HEAD_LENGTH_BYTES;
    if (tail === '' || most > Math.min(MAX_TEXT_BYTES, this.#maxFrameBytes)) {
      this.#add(head, Buffer.from(tail));
      return;
    }
    this.#reserve(most);
    const headAt = this.#end + FRAME_HEADER_BYTES + HEAD_LENGTH_BYTES;
    const headBytes = this.#writeHead(head, headAt);
    const tailBytes = this.#block.write(tail, headAt + headBytes);
    this.#writeLengths(headBytes, tailBytes);
    this.#end = headAt + headBytes + tailBytes;
  }

  #add(head: string | Uint8Array, tail: Uint8Array | undefined): void {
    const tailBytes = tail?.length ?? 0;
    const headerBytes = tailBytes === 0 ? FRAME_HEADER_BYTES : FRAME_HEADER_BYTES + HEAD_LENGTH_BYTES;
    const copied = tailBytes <= COPIED_TAIL_BYTES ? tailBytes : 0;
    this.#reserve(headerBytes + this.#roomFor(head, headerBytes, tailBytes) + copied);
    const headAt = this.#end + headerBytes;
    const headBytes = this.#writeHead(head, headAt);
    this.#writeLengths(headBytes, tailBytes);
    this.#end = headAt + headBytes;
    if (!tail || tailBytes === 0) return;
    if (copied > 0) {
      this.#block.set(tail, this.#end);
      this.#end += tailBytes;
    } else {
      this.#seal();
      this.#buffers.push(tail);
    }
  }

  /** Gives how many bytes it took. */
  #writeHead(head: string | Uint8Array, at: number): number {
    if (typeof head === 'string') return this.#block.write(head, at);
    this.#block.set(head, at);
    return head.length;
  }

  #writeLengths(headBytes: number, tailBytes: number): void {
    const length = (tailBytes === 0 ? 0 : HEAD_LENGTH_BYTES) + headBytes + tailBytes;
    this.#block.writeUInt32BE(tailBytes === 0 ? length : TAIL_BIT + length, this.#end);
    if (tailBytes > 0) this.#block.writeUInt32BE(headBytes, this.#end + FRAME_HEADER_BYTES);
    this.#byteLength += FRAME_HEADER_BYTES + length;
  }

  /** Everything since the last time, in order. */
  take(): Uint8Array[] {
    this.#seal();
    const buffers = this.#buffers;
    this.#buffers = [];
    this.#byteLength = 0;
    if (this.#block.length - this.#end < MIN_ROOM_BYTES) this.#retire();
    return buffers;
  }

  /** Nobody reads any more what `take` has given so far: its memory is used again. */
  recycle(): void {
    if (this.#byteLength > 0) return;
    this.#spare.push(...this.#full.splice(0));
    this.#start = this.#end = 0;
    if (this.#block.length > BLOCK_BYTES) this.#block = NO_BLOCK;
  }

  /** How much room a head needs: a text is measured where that matters alone. Throws where the frame is too large. */
  #roomFor(head: string | Uint8Array, headerBytes: number, tailBytes: number): number {
    const most = mostBytes(head);
    if (headerBytes + most + tailBytes <= Math.min(this.#maxFrameBytes, BLOCK_BYTES)) return most;
    const bytes = Buffer.byteLength(head);
    const length = headerBytes - FRAME_HEADER_BYTES + bytes + tailBytes;
    if (length <= this.#maxFrameBytes) return bytes;
    throw new FrameError(
      'frame_too_large',
      `The message takes ${length} bytes, where ${this.#maxFrameBytes} is the limit`,
    );
  }

  #reserve(bytes: number): void {
    if (this.#block.length - this.#end >= bytes) return;
    this.#seal();
    this.#retire();
    const spare = bytes <= BLOCK_BYTES ? this.#spare.pop() : undefined;
    this.#block = spare ?? Buffer.allocUnsafeSlow(Math.max(BLOCK_BYTES, bytes));
  }

  #retire(): void {
    const isKept = this.#block.length === BLOCK_BYTES && this.#full.length + this.#spare.length < MAX_SPARE_BLOCKS;
    if (isKept) this.#full.push(this.#block);
    this.#block = NO_BLOCK;
    this.#start = this.#end = 0;
  }

  #seal(): void {
    if (this.#end > this.#start) this.#buffers.push(this.#block.subarray(this.#start, this.#end));
    this.#start = this.#end;
  }
}

function mostBytes(head: string | Uint8Array): number {
  return typeof head === 'string' ? head.length * MAX_CHAR_BYTES : head.length;
}

/** One frame as a list of buffers: the length and the head, and the tail as it was given where it is large. */
export function encodeFrameV2(message: object, tail?: Uint8Array, limits?: FrameLimits): Uint8Array[] {
  const batch = new FrameBatch(limits);
  batch.add(JSON.stringify(message), tail);
  return batch.take();
}
