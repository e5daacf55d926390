import { CloseCode } from './close-code';
import { MAX_CONTROL_BYTES, Opcode } from './frame-header';

/** A whole frame of the server's, which are never masked (RFC 6455 §5.1). The payload is copied. */
export function encodeFrame(opcode: Opcode, payload: Uint8Array): Buffer {
  const frame = frameOf(opcode, payload.length);
  frame.set(payload, frame.length - payload.length);
  return frame;
}

/** A frame without its payload, which is to be written to its end. */
function frameOf(opcode: Opcode, length: number): Buffer {
  const size = length < 126 ? 2 : length < 0x1_0000 ? 4 : 10;
  const frame = Buffer.allocUnsafe(size + length);
  frame[0] = 0x80 | opcode;
  if (size === 2) {
    frame[1] = length;
  } else if (size === 4) {
    frame[1] = 126;
    frame.writeUInt16BE(length, 2);
  } else {
    frame[1] = 127;
    frame.writeBigUInt64BE(BigInt(length), 2);
  }
  return frame;
}

/** Text or binary, by the type of `data`. */
export function encodeMessage(data: string | Uint8Array): Buffer {
  if (typeof data !== 'string') return encodeFrame(Opcode.binary, data);
  const length = Buffer.byteLength(data);
  const frame = frameOf(Opcode.text, length);
  frame.write(data, frame.length - length);
  return frame;
}

/** A close frame; of a long reason as much as fits, cut between characters. 1005 is written as no code at all. */
export function encodeClose(code: number, reason: string): Buffer {
  if (code === CloseCode.none) return encodeFrame(Opcode.close, new Uint8Array(0));
  const payload = Buffer.alloc(MAX_CONTROL_BYTES);
  payload.writeUInt16BE(code);
  // `write` leaves a character out that does not fit as a whole.
  const size = 2 + payload.write(reason, 2);
  return encodeFrame(Opcode.close, payload.subarray(0, size));
}
