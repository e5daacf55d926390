import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { shareRequestId, type Clock } from '../common';
import type { PlainClient } from './plain-client';
import { PlainConnection, type PlainConnectionOwner } from './plain-connection';

/** How often it is looked for connections that have waited too long, in milliseconds. */
const SWEEP_MS = 1000;

export interface PlainConnectionsOptions {
  readonly clock: Clock;
  /** How long a new connection may send nothing, in milliseconds. */
  readonly headersTimeoutMs: number;
  readonly sendIdleMs: number;
  readonly take: (client: PlainClient) => boolean;
}

/** What Node says where no request comes. */
class HeadersTimeoutError extends Error {
  readonly code = 'ERR_HTTP_REQUEST_TIMEOUT';
}

/**
 * Reads plain plugin requests off the connections themselves, since Node's own request and response cost more than all
 * else that the host does for such a request (record 25). Everything else is Node's as ever. Of the server's properties
 * only `keepAliveTimeout` counts here, and as a time: 0, which to Node is none, closes at once, and `maxRequestsPerSocket`
 * is not asked.
 */
export class PlainConnections implements PlainConnectionOwner {
  private readonly connections = new Set<PlainConnection>();
  private readonly expected = new WeakMap<Socket, (request: IncomingMessage, response: ServerResponse) => void>();
  private readonly nodeListeners: ((socket: Socket) => void)[];
  private isEnding = false;
  private isSweeping = false;

  constructor(
    private readonly server: Server,
    private readonly options: PlainConnectionsOptions,
  ) {
    this.nodeListeners = server.listeners('connection') as ((socket: Socket) => void)[];
    server.removeAllListeners('connection');
    server.on('connection', this.accept);
  }

  get sendIdleMs(): number {
    return this.options.sendIdleMs;
  }

  get keepAliveSeconds(): number | undefined {
    return this.isEnding ? undefined : Math.floor(this.server.keepAliveTimeout / 1000);
  }

  now(): number {
    return this.options.clock.monotonic();
  }

  take(client: PlainClient): boolean {
    return !this.isEnding && this.options.take(client);
  }

  readonly giveToNode = (socket: Socket): void => {
    for (const listener of this.nodeListeners) listener.call(this.server, socket);
  };

  expect(client: PlainClient, onKnown: (response: ServerResponse) => void): void {
    this.expected.set(client.head.socket, (request, response) => {
      shareRequestId(client.head, request);
      // where it is known
      if (client.body !== undefined) request.resume();
      onKnown(response);
    });
  }

  /** Whether a request of Node's is one that is being answered already. */
  knows(request: IncomingMessage, response: ServerResponse): boolean {
    const onKnown = this.expected.get(request.socket);
    if (onKnown === undefined) return false;
    this.expected.delete(request.socket);
    onKnown(request, response);
    return true;
  }

  left(connection: PlainConnection): void {
    this.connections.delete(connection);
  }

  /** As Node does it when it closes: connections that wait for another request end, the others after their answer. */
  drain(): void {
    this.isEnding = true;
    for (const connection of this.connections) {
      if (connection.isNew) connection.giveToNode();
      else if (connection.isIdle) connection.socket.destroy();
    }
  }

  endAll(): void {
    for (const { socket } of this.connections) socket.destroy();
  }

  private readonly accept = (socket: Socket): void => {
    if (this.isEnding) {
      this.giveToNode(socket);
      return;
    }
    this.connections.add(new PlainConnection(socket, this));
    this.sweepLater();
  };

  private sweepLater(): void {
    if (this.isSweeping || this.connections.size === 0) return;
    this.isSweeping = true;
    this.options.clock.setTimeout(this.sweep, SWEEP_MS);
  }

  private readonly sweep = (): void => {
    this.isSweeping = false;
    const now = this.now();
    for (const connection of this.connections) {
      const waited = connection.isIdle ? now - connection.idleSince : 0;
      const limit = connection.isNew ? this.options.headersTimeoutMs : this.server.keepAliveTimeout;
      if (waited <= limit) continue;
      // as Node does it; one that has had its answers knows that it may be closed
      if (connection.isNew) this.server.emit('clientError', new HeadersTimeoutError(), connection.socket);
      else connection.socket.destroy();
    }
    this.sweepLater();
  };
}
