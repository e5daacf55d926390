import { Opcode } from './frame-header';
import { toText } from './text';

const TEXT_FRAME = 0x80 | Opcode.text;
const BINARY_FRAME = 0x80 | Opcode.binary;
const LENGTH_16 = 126;
const MASK_BYTES = 4;
/** Texts up to this size are unmasked here, one after the other, instead of in memory of their own. */
const SCRATCH_BYTES = 16 * 1024;

const scratch = Buffer.alloc(SCRATCH_BYTES);

interface WholeMessage {
  readonly data: string | Uint8Array;
  /** Of the frame, in bytes. */
  readonly size: number;
}

/**
 * The message with which the bytes begin, where it is one short frame that is there as a whole, as most messages are;
 * undefined for everything else, right or wrong. Throws `WebSocketError` for text that is not UTF-8.
 */
export function readWholeMessage(bytes: Uint8Array, maxBytes: number): WholeMessage | undefined {
  const [first, second = 0] = bytes;
  if ((first !== TEXT_FRAME && first !== BINARY_FRAME) || second < 0x80) return undefined;
  const short = second & 0x7f;
  if (short > LENGTH_16 || (short === LENGTH_16 && bytes.length < 4)) return undefined;
  const length = short < LENGTH_16 ? short : ((bytes[2] ?? 0) << 8) | (bytes[3] ?? 0);
  const start = (short < LENGTH_16 ? 2 : 4) + MASK_BYTES;
  const size = start + length;
  if ((short === LENGTH_16 && length < LENGTH_16) || length > maxBytes || size > bytes.length) return undefined;
  if (first === BINARY_FRAME) {
    const data = new Uint8Array(length);
    unmaskInto(data, bytes, start, length);
    return { data, size };
  }
  const text = length <= SCRATCH_BYTES ? scratch : Buffer.allocUnsafeSlow(length);
  const isAscii = unmaskInto(text, bytes, start, length) < 0x80;
  return {
    data: isAscii ? text.toString('latin1', 0, length) : toText(text.subarray(0, length)),
    size,
  };
}

/** Unmasks a payload whose mask stands before it; gives the bits that any of its bytes has. */
function unmaskInto(target: Uint8Array, bytes: Uint8Array, start: number, length: number): number {
  const mask = start - MASK_BYTES;
  let bits = 0;
  for (let at = 0; at < length; at++) {
    const byte = (bytes[start + at] as number) ^ (bytes[mask + (at & 3)] as number);
    target[at] = byte;
    bits |= byte;
  }
  return bits;
}
