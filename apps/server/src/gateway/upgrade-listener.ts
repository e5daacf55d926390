import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { IncomingHandshake } from './web-socket-exchange';

/** Recognises a plugin's handshake: where it says undefined, the host's ordinary requests follow. */
export type MatchHandshake = (
  request: IncomingMessage,
) => Pick<IncomingHandshake, 'path' | 'query' | 'match'> | undefined;

/**
 * With a listener for `upgrade` Node hands over every request that offers another protocol, body unread. Those that are
 * no WebSocket for a plugin (an offer of HTTP/2, a WebSocket to the host itself) are put back without the offer, as
 * RFC 9110 §7.8 lets a server do, and are served like any other.
 */
export class UpgradeListener {
  constructor(
    /** Takes a connection as if it was new. */
    private readonly giveToNode: (socket: Socket) => void,
    /** The latest request of a connection. */
    private readonly latestResponse: (socket: Socket) => ServerResponse | undefined,
    private readonly match: MatchHandshake,
    private readonly onHandshake: (handshake: IncomingHandshake) => void,
  ) {}

  readonly handle = (request: IncomingMessage, socket: Socket, head: Buffer): void => {
    const latest = this.latestResponse(socket);
    // behind a request that is not answered yet, what is written now would be taken for that answer
    if (latest !== undefined && !latest.writableFinished) {
      socket.destroy();
      return;
    }
    const matched = isHandshake(request) ? this.match(request) : undefined;
    if (matched === undefined) this.putBack(request, socket, head);
    else this.onHandshake({ ...matched, request, socket, head });
  };

  private putBack(request: IncomingMessage, socket: Socket, head: Buffer): void {
    const lines = [`${request.method} ${request.url} HTTP/${request.httpVersion}`];
    const { rawHeaders } = request;
    for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
      const name = rawHeaders[i] as string;
      if (name.toLowerCase() !== 'upgrade') lines.push(`${name}: ${rawHeaders[i + 1]}`);
    }
    const bytes = Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
    socket.unshift(Buffer.concat([bytes, head]));
    this.giveToNode(socket);
  }
}

/** RFC 6455 §4.1. What has a body is served without the offer. */
function isHandshake({ method, httpVersion, headers }: IncomingMessage): boolean {
  if (method !== 'GET' || httpVersion !== '1.1') return false;
  if (headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) !== 0) return false;
  return (headers.upgrade ?? '').split(',').some((protocol) => protocol.trim().toLowerCase() === 'websocket');
}
