import { ReceiveStream, type IncomingRequest, type OutgoingResponse } from '@toru/protocol';
import { CloseCode } from './close-code';
import { acceptHandshake } from './handshake';
import type { ServerWebSocket } from './server-websocket';
import { WebSocketConnection, type ConnectionOptions } from './websocket-connection';

export interface WebSocketOptions {
  /** Subprotocols that the plugin speaks, the best first. `socket.protocol` is the chosen one. */
  readonly protocols?: readonly string[];
  /** A longer message closes the connection with 1009. 1 MiB unless given. */
  readonly maxMessageBytes?: number;
  /** A client for which more is waiting is given up. 16 MiB unless given. */
  readonly maxBufferedBytes?: number;
  /** Milliseconds that the client has for its goodbye. 3,000 unless given. */
  readonly closeTimeoutMs?: number;
  /** Milliseconds between two pings; a client that answers none is given up. 30,000 unless given, 0 for none. */
  readonly keepAliveMs?: number;
}

/** The connection is closed when it returns, with 1000, or throws, with 1011. */
export type WebSocketHandler = (socket: ServerWebSocket) => void | Promise<void>;

const DEFAULTS = {
  maxMessageBytes: 1024 * 1024,
  maxBufferedBytes: 16 * 1024 * 1024,
  closeTimeoutMs: 3_000,
  keepAliveMs: 30_000,
};

/**
 * Answers a request with a WebSocket: `return upgradeWebSocket(request, async (socket) => …)`. A request that asks for
 * something else, or asks wrongly, is answered with 426 or 400. Extensions, compression among them, are not offered.
 */
export function upgradeWebSocket(
  request: Request,
  handler: WebSocketHandler,
  options: WebSocketOptions = {},
): Response {
  const handshake = acceptHandshake(request, options.protocols ?? []);
  if (!handshake.ok) return handshake.refusal;
  const { accept, protocol } = handshake;
  return new WebSocketResponse(accept, handler, { ...DEFAULTS, ...options, protocol });
}

/** What is needed of the request and of the plugin to serve a connection. */
export interface WebSocketServing {
  /** Aborts when the plugin is to end: with 1001 the client knows to come again. */
  readonly stopping: AbortSignal;
  readonly onFailed: (error: unknown) => void;
}

/** The answer 101, which no `Response` of the Fetch standard may have, and the promise of a connection. */
export class WebSocketResponse extends Response {
  readonly #accept: string;
  readonly #handler: WebSocketHandler;
  readonly #options: ConnectionOptions;

  constructor(accept: string, handler: WebSocketHandler, options: ConnectionOptions) {
    super(null);
    Object.defineProperty(this, 'status', { value: 101 });
    this.#accept = accept;
    this.#handler = handler;
    this.#options = options;
  }

  /** The connection begins once the answer is sent. Undefined where the request was not for an upgrade. */
  serve({ upgrade, body }: IncomingRequest, serving: WebSocketServing): OutgoingResponse | undefined {
    if (!upgrade || !(body instanceof ReceiveStream)) return undefined;
    const { protocol } = this.#options;
    const headers = new Map<string, string>([
      ['connection', 'Upgrade'],
      ['upgrade', 'websocket'],
      ['sec-websocket-accept', this.#accept],
    ]);
    if (protocol !== '') headers.set('sec-websocket-protocol', protocol);
    return {
      status: 101,
      headers,
      body: async (stream) => {
        const connection = new WebSocketConnection(body, stream, this.#options);
        const running = connection.run();
        void this.#handle(connection, serving);
        await running;
      },
    };
  }

  async #handle(connection: WebSocketConnection, { stopping, onFailed }: WebSocketServing): Promise<void> {
    const goAway = (): void => void connection.close(CloseCode.goingAway, 'The plugin is about to end');
    if (stopping.aborted) goAway();
    else stopping.addEventListener('abort', goAway, { once: true });
    void connection.closed.then(() => stopping.removeEventListener('abort', goAway));
    try {
      await this.#handler(connection);
      await connection.close();
    } catch (error) {
      // Whoever waited with the socket's signal has been told what it wanted to know.
      if (!isAbort(error, connection.signal)) onFailed(error);
      await connection.close(CloseCode.internalError);
    }
  }
}

function isAbort(error: unknown, { aborted, reason }: AbortSignal): boolean {
  return aborted && (error === reason || (error as Error | undefined)?.name === 'AbortError');
}
