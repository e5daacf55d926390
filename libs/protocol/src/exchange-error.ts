/**
 * How an exchange with a plugin ended without an answer:
 * - `invalid_socket_path`: nothing was tried, the path cannot be a socket's;
 * - `message_too_large`: nothing was tried, our own message is over the limit (`cause`: `FrameError`);
 * - `connect_failed`: nobody accepts at the socket, or not in time;
 * - `host_exhausted`: nothing was tried, this process or the system has no descriptor left for a socket;
 * - `connection_closed`: the plugin closed, or the connection broke, before the answer was complete;
 * - `timeout`: the plugin read the request and did not answer in time, or left a frame of its own unfinished;
 * - `write_stalled`: the plugin stopped reading, and the time was over before it had all of what we sent;
 * - `aborted`: the caller's signal;
 * - `protocol`: the plugin sent what the protocol does not allow (`cause`: `FrameError` or `ProtocolError`).
 */
export type ExchangeErrorKind =
  | 'invalid_socket_path'
  | 'message_too_large'
  | 'connect_failed'
  | 'host_exhausted'
  | 'connection_closed'
  | 'timeout'
  | 'write_stalled'
  | 'aborted'
  | 'protocol';

export class ExchangeError extends Error {
  override readonly name = 'ExchangeError';

  constructor(
    readonly kind: ExchangeErrorKind,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
