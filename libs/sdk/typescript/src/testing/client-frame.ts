/** A frame as a client sends it, masked (RFC 6455 §5.2); also one that breaks the rules. */
export interface ClientFrame {
  readonly opcode: number;
  readonly payload?: Uint8Array | string;
  readonly final?: boolean;
  readonly mask?: readonly [number, number, number, number] | null;
  /** The three reserved bits. */
  readonly reserved?: number;
  /** How many bytes the length takes beyond its first; as few as can be unless given. */
  readonly lengthBytes?: 0 | 2 | 8;
  /** What the header says instead of the payload's length. */
  readonly length?: number;
}

export function clientFrame(frame: ClientFrame): Buffer {
  const { opcode, final = true, mask = [1, 2, 3, 250], reserved = 0 } = frame;
  const payload = Buffer.from(frame.payload ?? '');
  const length = frame.length ?? payload.length;
  const lengthBytes = frame.lengthBytes ?? (length < 126 ? 0 : length < 65_536 ? 2 : 8);
  const header = Buffer.alloc(2 + lengthBytes);
  header[0] = (final ? 0x80 : 0) | (reserved << 4) | opcode;
  header[1] = (mask ? 0x80 : 0) | (lengthBytes === 0 ? length : lengthBytes === 2 ? 126 : 127);
  if (lengthBytes === 2) header.writeUInt16BE(length, 2);
  if (lengthBytes === 8) header.writeBigUInt64BE(BigInt(length), 2);
  if (!mask) return Buffer.concat([header, payload]);
  return Buffer.concat([header, Buffer.from(mask), payload.map((byte, index) => byte ^ mask[index & 3]!)]);
}
