/**
 * Why a connection is closed:
 * - `local`: this side closed it;
 * - `remote`: the other side closed it, or it broke (`cause`: the system's error, or `FrameError` `truncated`);
 * - `protocol`: the other side sent what the protocol does not allow (`cause`: `FrameError` or `ProtocolError`);
 * - `frame_timeout`: a frame that was begun was not finished in time;
 * - `write_stalled`: the other side stopped reading;
 * - `write_overflow`: it asks, and does not take the answers.
 */
export type ConnectionClosedReason =
  'local' | 'remote' | 'protocol' | 'frame_timeout' | 'write_stalled' | 'write_overflow';

/** The connection is closed; whatever was pending on it ends with this one error. */
export class ConnectionClosedError extends Error {
  override readonly name = 'ConnectionClosedError';

  constructor(
    readonly reason: ConnectionClosedReason,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/**
 * Why a request ended without an answer, on a connection that lives on:
 * - `timeout`: its deadline passed; the other side was told with `cancel`;
 * - `aborted`: by the caller's signal; the other side was told (`cause`: the signal's reason);
 * - `too_many_requests`: nothing was sent, as many as may be are open;
 * - `message_too_large`: nothing was sent, the message is over the limit (`cause`: `FrameError`);
 * - `not_ready`: nothing was sent, routes are not open yet;
 * - `unusable_answer`: the answer is there and means nothing (`cause`: `ProtocolError`).
 */
export type RequestErrorKind =
  'timeout' | 'aborted' | 'too_many_requests' | 'message_too_large' | 'not_ready' | 'unusable_answer';

export class RequestError extends Error {
  override readonly name = 'RequestError';

  constructor(
    readonly kind: RequestErrorKind,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** A stream was broken off, by the other side or by this one. `code` is for programs. */
export class StreamError extends Error {
  override readonly name = 'StreamError';

  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}
