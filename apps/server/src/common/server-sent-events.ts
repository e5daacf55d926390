import type { ServerResponse } from 'node:http';
import type { Cancel, Clock } from './clock';

/** One event as the format has it; one without `data` only tells the id from which a client goes on. */
export interface ServerSentEvent {
  readonly id?: number | string;
  /** Sent as JSON. */
  readonly data?: unknown;
}

/** How often a comment is sent, so that proxies keep the connection and clients notice a dead one, in milliseconds. */
const HEARTBEAT_MS = 15_000;
/** What browsers wait before they connect again, in milliseconds. */
const RETRY_MS = 2_000;

/**
 * An answer that is a stream of server-sent events (WHATWG HTML §9.2). What waits for the client is bounded by whoever
 * sends: while it `isBehind`, nothing more should be sent. One that takes nothing for a whole heartbeat is let go.
 */
export class ServerSentEvents {
  private cancelHeartbeat: Cancel | undefined;
  private wasBehind = false;

  constructor(
    private readonly response: ServerResponse,
    private readonly clock: Clock,
  ) {
    response.once('close', () => this.cancelHeartbeat?.());
  }

  /** The client reads more slowly than there is to send. */
  get isBehind(): boolean {
    return this.response.writableNeedDrain;
  }

  get isOver(): boolean {
    return this.response.destroyed || this.response.writableEnded;
  }

  /** Sends the head of the answer. To a HEAD request that is all. */
  open(): void {
    const { response } = this;
    response.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      // nginx holds answers back otherwise
      'x-accel-buffering': 'no',
    });
    if (response.req.method === 'HEAD') {
      response.end();
      return;
    }
    // it has taken something, however slowly
    response.on('drain', () => (this.wasBehind = false));
    response.write(`retry: ${RETRY_MS}\n\n`);
    this.cancelHeartbeat = this.clock.setTimeout(this.beat, HEARTBEAT_MS);
  }

  send({ id, data }: ServerSentEvent): void {
    if (this.isOver) return;
    const head = id === undefined ? '' : `id: ${id}\n`;
    // JSON has no line breaks of its own, so that one field holds it
    this.response.write(data === undefined ? `${head}\n` : `${head}data: ${JSON.stringify(data)}\n\n`);
  }

  /** Resolves when the client has caught up, or has left. */
  async caughtUp(): Promise<void> {
    const { response } = this;
    if (this.isOver || !this.isBehind) return;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        response.off('drain', done).off('close', done);
        resolve();
      };
      response.on('drain', done).on('close', done);
    });
  }

  /** Ends it at once, whatever still waits for the client. */
  end(): void {
    if (this.isBehind) this.response.destroy();
    else this.response.end();
  }

  private readonly beat = (): void => {
    if (this.isOver) return;
    if (this.isBehind && this.wasBehind) {
      this.response.destroy();
      return;
    }
    this.wasBehind = this.isBehind;
    if (!this.isBehind) this.response.write(': still here\n\n');
    this.cancelHeartbeat = this.clock.setTimeout(this.beat, HEARTBEAT_MS);
  };
}
