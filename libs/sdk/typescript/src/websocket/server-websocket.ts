import type { WebSocketMessage } from './message-decoder';

/** How a connection ended, in the words of the browser's `CloseEvent`. */
export interface WebSocketClose {
  /** The other side's code where it sent one; 1005: it sent none, 1006: the connection is gone without a word. */
  readonly code: number;
  readonly reason: string;
  /** Whether both sides said goodbye. */
  readonly wasClean: boolean;
}

/**
 * The plugin's end of a WebSocket. A loop over it gives the messages, text as strings and binary ones as bytes, and ends
 * when the connection does. What is not read slows the client down. Pings are answered by themselves.
 */
export interface ServerWebSocket extends AsyncIterable<WebSocketMessage> {
  /** The subprotocol that was chosen, or the empty string. */
  readonly protocol: string;
  /** Bytes of messages that wait to be sent. */
  readonly bufferedAmount: number;
  /** Aborts as soon as nothing can be sent any more: for loops that send without waiting for messages. */
  readonly signal: AbortSignal;
  /** Resolves when the connection is over. Never rejects. */
  readonly closed: Promise<WebSocketClose>;
  /**
   * Sends text or bytes, in order. Resolves when the client's side takes more, so that awaiting it is all the
   * back-pressure there is: with true, or with false where the connection ended before. Never rejects.
   */
  send(data: WebSocketMessage): Promise<boolean>;
  /** The next message, or undefined when there are no more. */
  receive(): Promise<WebSocketMessage | undefined>;
  /**
   * Says goodbye after what was sent before, and resolves with `closed`. 1000 unless given; else 1001 to 1014 as far as
   * RFC 6455 allows, or 3000 to 4999 (`RangeError`). Of the reason as much is sent as fits into 123 bytes.
   */
  close(code?: number, reason?: string): Promise<WebSocketClose>;
}
