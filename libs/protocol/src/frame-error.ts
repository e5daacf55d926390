/**
 * What can be wrong with a frame:
 * - `empty_frame`: its length is 0, and no JSON message is that short;
 * - `frame_too_large`: its length is over the limit (a top bit, which version 1 does not know, is that too);
 * - `truncated`: the connection ended inside of it;
 * - `invalid_head` (version 2): the head of a frame with a tail has no byte, or more than the frame;
 * - `tail_before_ready` (version 2): a frame with a tail, where only plain ones may be sent.
 */
export type FrameErrorReason = 'empty_frame' | 'frame_too_large' | 'truncated' | 'invalid_head' | 'tail_before_ready';

/** A frame cannot be read or written (PRO-8). */
export class FrameError extends Error {
  override readonly name = 'FrameError';

  constructor(
    readonly reason: FrameErrorReason,
    message: string,
  ) {
    super(message);
  }
}
