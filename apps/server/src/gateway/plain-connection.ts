import { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { AnswerBody } from './client-side';
import { writeAnswer, writeHead } from './plain-answer';
import { PlainBody } from './plain-body';
import { PlainClient, type PlainClientConnection } from './plain-client';
import { PlainRequestReader } from './plain-request';

/** How much may wait behind an answer that is under way, before no more is read. */
const MAX_BEHIND_BYTES = 16 * 1024;
const NO_BYTES = Buffer.alloc(0);

/** What the connections need of who has them. */
export interface PlainConnectionOwner {
  /** Undefined: each connection ends with the answer that is under way. */
  readonly keepAliveSeconds: number | undefined;
  /** How long a client may read nothing of an answer that waits for it, in milliseconds. */
  readonly sendIdleMs: number;
  /** In milliseconds, on a clock that never goes back. */
  now(): number;
  /** Takes a request and answers it in its time, or leaves it to Node. */
  take(client: PlainClient): boolean;
  /** Gives a connection to Node, as if it was new. */
  giveToNode(socket: Socket): void;
  /** The next request that Node reads on the connection is this one. */
  expect(client: PlainClient, onKnown: (response: ServerResponse) => void): void;
  left(connection: PlainConnection): void;
}

/**
 * A connection as long as its client sends one plain request after another. With the first that is otherwise it becomes
 * Node's for good, with every byte that was not answered yet.
 */
export class PlainConnection implements PlainClientConnection {
  /** When it began to wait for a request; counts while it has none. */
  idleSince: number;
  /** Before its first request. */
  isNew = true;
  private readonly reader: PlainRequestReader;
  private current: PlainClient | undefined;
  /** What came behind the current request. */
  private behind: Buffer | undefined;

  constructor(
    readonly socket: Socket,
    private readonly owner: PlainConnectionOwner,
  ) {
    this.idleSince = owner.now();
    this.reader = new PlainRequestReader(socket);
    socket.on('data', this.onData).on('end', this.onEnd).on('close', this.onClose);
    socket.on('error', ignore).on('timeout', this.onTimeout);
  }

  /** Whether it waits for a request: nothing is in flight, and nothing that was written is on its way. */
  get isIdle(): boolean {
    return this.current === undefined && this.socket.writableLength === 0;
  }

  answer(status: number, headers: readonly string[], body: Buffer | undefined): void {
    const { keepAliveSeconds } = this.owner;
    writeAnswer(this.socket, { status, headers, body }, keepAliveSeconds);
    this.finish(keepAliveSeconds === undefined);
  }

  begin(status: number, headers: readonly string[], isCounted: boolean): AnswerBody {
    const { socket, owner, current } = this;
    const { keepAliveSeconds } = owner;
    // it may have been set for what went before; how fast this is read is watched piece by piece
    socket.setTimeout(0);
    writeHead(socket, { status, headers }, isCounted, keepAliveSeconds);
    return new PlainBody(socket, isCounted, () => {
      if (this.current !== current) return;
      this.finish(keepAliveSeconds === undefined);
      if (keepAliveSeconds !== undefined) this.goOn();
    });
  }

  cut(client: PlainClient): void {
    if (this.current === client) this.socket.destroy();
  }

  responseTo(client: PlainClient): ServerResponse {
    let known: ServerResponse | undefined;
    if (this.current === client && !client.hasBegun) {
      this.current = undefined;
      this.owner.expect(client, (response) => (known = response));
      this.giveToNode(client.bytes);
    }
    if (known !== undefined) return known;
    // it was answered already, or Node reads something else in it: nobody can be told
    this.socket.destroy();
    setImmediate(() => {
      client.close();
    });
    return new ServerResponse(new IncomingMessage(this.socket)).destroy();
  }

  /** Lets Node have it, which waits for a request from now on, or finds it in these bytes. */
  giveToNode(unanswered: Buffer = NO_BYTES): void {
    const { socket, behind = NO_BYTES } = this;
    socket.off('data', this.onData).off('end', this.onEnd).off('close', this.onClose);
    socket.off('error', ignore).off('timeout', this.onTimeout);
    this.owner.left(this);
    this.owner.giveToNode(socket);
    const bytes = Buffer.concat([unanswered, behind]);
    if (bytes.length > 0) socket.emit('data', bytes);
  }

  private readonly onData = (bytes: Buffer): void => {
    const { current } = this;
    if (current === undefined) {
      if (this.socket.writableNeedDrain) this.giveToNode(bytes);
      else this.take(bytes);
    } else if (current.hasBegun) {
      this.behind = this.behind === undefined ? bytes : Buffer.concat([this.behind, bytes]);
      if (this.behind.length > MAX_BEHIND_BYTES) this.socket.pause();
    } else {
      current.take(bytes);
    }
  };

  private take(bytes: Buffer): void {
    this.isNew = false;
    const request = this.reader.read(bytes);
    if (request === undefined) {
      this.giveToNode(bytes);
      return;
    }
    const client = new PlainClient(this, request, bytes);
    this.current = client;
    if (this.owner.take(client)) return;
    this.current = undefined;
    this.giveToNode(bytes);
  }

  /** All of the answer was written. */
  private finish(isLast: boolean): void {
    const { socket, owner, current } = this;
    this.current = undefined;
    this.idleSince = owner.now();
    if (socket.writableLength === 0) {
      current?.close();
    } else {
      // a client that reads nothing must not keep the answer in memory for ever, whoever has its connection meanwhile
      socket.setTimeout(owner.sendIdleMs);
      const close = (): void => current?.close();
      socket.once('close', close);
      socket.write('', () => {
        socket.off('close', close);
        close();
        this.onFlushed();
      });
    }
    if (isLast) socket.destroySoon();
  }

  private onFlushed(): void {
    if (this.socket.writableLength > 0) return;
    this.socket.setTimeout(0);
    this.idleSince = this.owner.now();
  }

  /** After an answer that took its time. */
  private goOn(): void {
    const { socket, owner, behind } = this;
    if (socket.isPaused()) socket.resume();
    if (owner.keepAliveSeconds === undefined) {
      // the host ends, which the answer could not tell: what its client asks next Node refuses
      this.giveToNode();
    } else if (behind !== undefined) {
      this.behind = undefined;
      this.onData(behind);
    }
  }

  private readonly onTimeout = (): void => {
    this.socket.destroy();
  };

  /** Who says goodbye before the answer is there is taken for gone, as Node takes it. */
  private readonly onEnd = (): void => {
    this.socket.end();
    this.leave();
  };

  private readonly onClose = (): void => {
    this.owner.left(this);
    this.leave();
  };

  private leave(): void {
    const client = this.current;
    this.current = undefined;
    client?.close();
  }
}

/** What breaks a connection is followed by its end, which is what counts. */
function ignore(): void {
  // nothing to do
}
