import { TAIL_BIT } from '@toru/contracts';

/** A frame as bytes, without any check: the kit must be able to send wrong ones too. */
export function frame(message: object | string, tail?: Uint8Array): Buffer {
  const head = Buffer.from(typeof message === 'string' ? message : JSON.stringify(message));
  if (!tail) return Buffer.concat([uint32(head.length), head]);
  return Buffer.concat([uint32(TAIL_BIT + 4 + head.length + tail.length), uint32(head.length), head, tail]);
}

export function uint32(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

export function now(): string {
  return new Date().toISOString();
}
