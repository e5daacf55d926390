/** What the other side did against RFC 6455, or beyond our limits; `code` is the close code that it is told. */
export class WebSocketError extends Error {
  override readonly name = 'WebSocketError';

  constructor(
    readonly code: number,
    message: string,
  ) {
    super(message);
  }
}
