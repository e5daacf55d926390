import { MAX_FRAME_BYTES } from '@toru/contracts';
import { FRAME_HEADER_BYTES } from './frame-decoder';
import type { FrameLimits } from './frame-decoder';
import { FrameError } from './frame-error';

/**
 * One frame, header and payload in one buffer, so that one write sends it whole (protocol §2).
 * Throws `FrameError` `frame_too_large` for a message whose JSON is over the limit.
 */
export function encodeFrame(message: object, { maxFrameBytes = MAX_FRAME_BYTES }: FrameLimits = {}): Buffer {
  const limit = Math.min(maxFrameBytes, MAX_FRAME_BYTES);
  const json = JSON.stringify(message);
  const length = Buffer.byteLength(json);
  if (length > limit) {
    throw new FrameError('frame_too_large', `The message takes ${length} bytes, where ${limit} is the limit`);
  }
  const frame = Buffer.allocUnsafe(FRAME_HEADER_BYTES + length);
  frame.writeUInt32BE(length, 0);
  frame.write(json, FRAME_HEADER_BYTES);
  return frame;
}
