import { CloseCode } from './close-code';
import { WebSocketError } from './websocket-error';

export const Opcode = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;
export type Opcode = (typeof Opcode)[keyof typeof Opcode];

/** The longest payload of a close, ping or pong frame, in bytes (RFC 6455 §5.5). */
export const MAX_CONTROL_BYTES = 125;

/** The longest header of a client's frame: two bytes, a length of eight and a mask of four. */
export const MAX_HEADER_BYTES = 14;

const OPCODES: readonly number[] = Object.values(Opcode);
const LENGTH_16 = 126;
const LENGTH_64 = 127;

export interface FrameHeader {
  readonly final: boolean;
  readonly opcode: Opcode;
  /** Of the payload, in bytes. */
  readonly length: number;
  readonly mask: Uint8Array;
  /** Of the header itself, in bytes. */
  readonly size: number;
}

/**
 * Reads the header of a client's frame (RFC 6455 §5.2), or gives undefined where it is not whole yet. Throws
 * `WebSocketError` as soon as the bytes that are there break a rule.
 */
export function readFrameHeader(bytes: Uint8Array): FrameHeader | undefined {
  const [first, second] = bytes;
  if (first === undefined) return undefined;
  const final = (first & 0x80) !== 0;
  const opcode = opcodeOf(first);
  const isControl = opcode >= Opcode.close;
  if (isControl && !final) refuse('A control frame must not be in fragments');
  if (second === undefined) return undefined;
  if ((second & 0x80) === 0) refuse('The frames of a client must be masked');
  const short = second & 0x7f;
  if (isControl && short > MAX_CONTROL_BYTES) refuse('A control frame is too long');
  const lengthEnd = short < LENGTH_16 ? 2 : short === LENGTH_16 ? 4 : 10;
  if (bytes.length < lengthEnd) return undefined;
  const length = readLength(bytes, short);
  const size = lengthEnd + 4;
  if (bytes.length < size) return undefined;
  return { final, opcode, length, mask: bytes.slice(lengthEnd, size), size };
}

function opcodeOf(first: number): Opcode {
  if ((first & 0x70) !== 0) refuse('Bits of an extension that was not agreed upon');
  const opcode = first & 0x0f;
  if (!OPCODES.includes(opcode)) refuse(`There is no opcode ${opcode}`);
  return opcode as Opcode;
}

function readLength(bytes: Uint8Array, short: number): number {
  if (short < LENGTH_16) return short;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (short < LENGTH_64) {
    const length = view.getUint16(2);
    if (length < LENGTH_16) refuse('A length must be written as short as it can be');
    return length;
  }
  const high = view.getUint32(2);
  if (high >= 0x8000_0000) refuse('A length of more than 63 bits');
  // Beyond 2^53 it loses digits, and is far beyond any limit.
  const length = high * 0x1_0000_0000 + view.getUint32(6);
  if (length < 0x1_0000) refuse('A length must be written as short as it can be');
  return length;
}

function refuse(message: string): never {
  throw new WebSocketError(CloseCode.protocolError, message);
}
