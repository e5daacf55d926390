import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { AnswerBody, ClientSide, DirectAnswers } from './client-side';
import type { PlainRequest } from './plain-request';
import { ClientGoneError } from './request-body';

const NO_BYTES = Buffer.alloc(0);

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
  /** The whole of it, as soon as it is there. */
  body: Buffer | null | undefined;
  /** How much of the body is still to come, in bytes. */
  private missing: number;
  /** What came after the first bytes. */
  private more: Buffer[] | undefined;
  private onCollected: ((body: Buffer | undefined | Promise<never>) => void) | undefined;

  constructor(
    private readonly connection: PlainClientConnection,
    readonly head: PlainRequest,
    /** Of the request, its head and as much of its body as came with it. */
    private readonly first: Buffer,
  ) {
    this.missing = head.missing;
    this.body = head.missing === 0 ? head.body : undefined;
  }

  /** Of the request, and what came behind it. */
  get bytes(): Buffer {
    return this.more === undefined ? this.first : Buffer.concat([this.first, ...this.more]);
  }

  /** Takes what comes before the answer has begun. */
  take(bytes: Buffer): void {
    const more = (this.more ??= []);
    more.push(bytes);
    if (bytes.length > this.missing) {
      // what follows a request that is not answered yet: Node knows how to wait with it, and what to do if it is no HTTP
      this.tellNode();
      return;
    }
    this.missing -= bytes.length;
    if (this.missing > 0) return;
    this.body = Buffer.concat([this.head.body ?? NO_BYTES, ...more]);
    this.collected(this.body);
  }

  collect(): Promise<Buffer | undefined> {
    if (this.hasLeft) return Promise.reject(new ClientGoneError());
    if (this.known !== undefined) return Promise.resolve(undefined);
    return new Promise((resolve) => (this.onCollected = resolve));
  }

  private collected(body: Buffer | undefined | Promise<never>): void {
    this.onCollected?.(body);
    this.onCollected = undefined;
  }

  get response(): ServerResponse {
    return this.known ?? this.tellNode();
  }

  /** Makes it a request of Node's. */
  tellNode(): ServerResponse {
    this.known = this.connection.responseTo(this);
    this.collected(undefined);
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
    // of a request that is not all there Node knows how to end the connection
    return this.known === undefined && this.missing === 0 ? this : undefined;
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
    if (this.onCollected !== undefined) this.collected(Promise.reject(new ClientGoneError()));
  }
}

function toBuffer(body: string | Uint8Array): Buffer {
  if (typeof body === 'string') return Buffer.from(body);
  return Buffer.from(body.buffer, body.byteOffset, body.byteLength);
}
