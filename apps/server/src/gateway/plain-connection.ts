import { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { ClientSide, WholeAnswers } from './client-side';
import { writeAnswer } from './plain-answer';
import { PlainRequestReader, type PlainRequest } from './plain-request';

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
 * A connection as long as its client sends one plain request after another, each of which is answered in one piece. With
 * the first that is otherwise it becomes Node's for good, with every byte that was not answered yet.
 */
export class PlainConnection {
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
    const { socket, owner } = this;
    const { keepAliveSeconds } = owner;
    const client = this.current;
    this.current = undefined;
    this.idleSince = owner.now();
    writeAnswer(socket, { status, headers, body }, keepAliveSeconds);
    client?.close();
    if (socket.writableLength > 0) {
      // a client that reads nothing must not keep the answer in memory for ever, whoever has its connection meanwhile
      socket.setTimeout(owner.sendIdleMs);
      socket.write('', this.onFlushed);
    }
    if (keepAliveSeconds === undefined) socket.destroySoon();
  }

  /** Node's response to the request that is being answered; from here on the connection is Node's. */
  responseTo(client: PlainClient): ServerResponse {
    let known: ServerResponse | undefined;
    if (this.current === client) {
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

  /** Lets Node have it, which waits for the request from now on. */
  giveToNode(bytes?: Buffer): void {
    const { socket } = this;
    socket.off('data', this.onData).off('end', this.onEnd).off('close', this.onClose);
    socket.off('error', ignore).off('timeout', this.onTimeout);
    this.owner.left(this);
    this.owner.giveToNode(socket);
    const { behind } = this;
    if (bytes !== undefined) socket.emit('data', behind === undefined ? bytes : Buffer.concat([bytes, behind]));
  }

  private readonly onData = (bytes: Buffer): void => {
    const { current } = this;
    if (current !== undefined) {
      // what follows a request that is not answered yet: Node knows how to wait with it, and what to do if it is no HTTP
      this.behind = bytes;
      current.tellNode();
    } else if (this.socket.writableNeedDrain) {
      this.giveToNode(bytes);
    } else {
      this.begin(bytes);
    }
  };

  private begin(bytes: Buffer): void {
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

  private readonly onFlushed = (): void => {
    if (this.socket.writableLength > 0) return;
    this.socket.setTimeout(0);
    this.idleSince = this.owner.now();
  };

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

/** Who sent a plain request. */
export class PlainClient implements ClientSide, WholeAnswers {
  readonly expectsContinue = false;
  private known: ServerResponse | undefined;
  private onClose: (() => void) | undefined;

  constructor(
    private readonly connection: PlainConnection,
    readonly head: PlainRequest,
    /** Of the whole request. */
    readonly bytes: Buffer,
  ) {}

  get body(): Buffer | null {
    return this.head.body;
  }

  get response(): ServerResponse {
    return this.known ?? this.tellNode();
  }

  /** Makes it a request of Node's. */
  tellNode(): ServerResponse {
    this.known = this.connection.responseTo(this);
    return this.known.once('close', () => {
      this.close();
    });
  }

  get hasBegun(): boolean {
    return this.known?.headersSent ?? false;
  }

  get hasLeft(): boolean {
    return this.known?.destroyed ?? !this.connection.socket.writable;
  }

  get whole(): WholeAnswers | undefined {
    return this.known === undefined ? this : undefined;
  }

  answer(status: number, headers: readonly string[], body: string | Uint8Array | undefined): void {
    this.connection.answer(status, headers, body === undefined ? undefined : toBuffer(body));
  }

  whenClosed(listener: () => void): void {
    this.onClose = listener;
  }

  /** Its answer is out, or it has left. */
  close(): void {
    const listener = this.onClose;
    this.onClose = undefined;
    listener?.();
  }
}

function toBuffer(body: string | Uint8Array): Buffer {
  if (typeof body === 'string') return Buffer.from(body);
  return Buffer.from(body.buffer, body.byteOffset, body.byteLength);
}

/** What breaks a connection is followed by its end, which is what counts. */
function ignore(): void {
  // nothing to do
}
