import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { AnswerBody, ClientSide, DirectAnswers } from './client-side';
import type { PlainRequest } from './plain-request';

/** What a client needs of its connection. */
export interface PlainClientConnection {
  readonly socket: Socket;
  answer(status: number, headers: readonly string[], body: Buffer | undefined): void;
  begin(status: number, headers: readonly string[], isCounted: boolean): AnswerBody;
  /** Node's response to the request that is being answered; from here on the connection is Node's. */
  responseTo(client: PlainClient): ServerResponse;
  /** Ends the connection, unless the request is not the one that is being answered. */
  cut(client: PlainClient): void;
}

/** Who sent a plain request. */
export class PlainClient implements ClientSide, DirectAnswers {
  readonly expectsContinue = false;
  /** The head of an answer is out, without Node. */
  private isBegun = false;
  private known: ServerResponse | undefined;
  private onClose: (() => void) | undefined;

  constructor(
    private readonly connection: PlainClientConnection,
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
    return this.isBegun || (this.known?.headersSent ?? false);
  }

  get hasLeft(): boolean {
    return this.known?.destroyed ?? !this.connection.socket.writable;
  }

  get direct(): DirectAnswers | undefined {
    return this.known === undefined ? this : undefined;
  }

  answer(status: number, headers: readonly string[], body: string | Uint8Array | undefined): void {
    this.isBegun = true;
    this.connection.answer(status, headers, body === undefined ? undefined : toBuffer(body));
  }

  begin(status: number, headers: readonly string[], isCounted: boolean): AnswerBody {
    this.isBegun = true;
    return this.connection.begin(status, headers, isCounted);
  }

  cut(): void {
    if (this.known === undefined) this.connection.cut(this);
    else this.known.destroy();
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
