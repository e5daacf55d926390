import type { ReceiveStream, SendStream } from '@toru/protocol';
import { CloseCode, mayBeSent } from './close-code';
import { encodeClose, encodeFrame, encodeMessage } from './frame-encoder';
import { Opcode } from './frame-header';
import { FrameSender } from './frame-sender';
import { MessageDecoder, type Incoming, type WebSocketMessage } from './message-decoder';
import { MessageQueue } from './message-queue';
import type { ServerWebSocket, WebSocketClose } from './server-websocket';
import { WebSocketError } from './websocket-error';

export interface ConnectionOptions {
  readonly protocol: string;
  readonly maxMessageBytes: number;
  readonly maxBufferedBytes: number;
  readonly closeTimeoutMs: number;
  readonly keepAliveMs: number;
}

type CloseFrame = Extract<Incoming, { kind: 'close' }>;

/** The server's side of RFC 6455 over the two streams of an upgrade (protocol v2 §10). */
export class WebSocketConnection implements ServerWebSocket {
  readonly protocol: string;
  readonly closed: Promise<WebSocketClose>;
  readonly #receive: ReceiveStream;
  readonly #sender: FrameSender;
  readonly #options: ConnectionOptions;
  readonly #decoder: MessageDecoder;
  readonly #messages = new MessageQueue();
  readonly #left = new AbortController();
  #phase: 'open' | 'closing' | 'closed' = 'open';
  #resolveClosed!: (close: WebSocketClose) => void;
  #deadline: NodeJS.Timeout | undefined;
  /** Whether the client was silent since it was pinged. */
  #awaitsPong = false;

  constructor(receive: ReceiveStream, send: SendStream, options: ConnectionOptions) {
    this.#receive = receive;
    this.#sender = new FrameSender(send);
    this.#options = options;
    this.#decoder = new MessageDecoder(options.maxMessageBytes);
    this.protocol = options.protocol;
    this.closed = new Promise((resolve) => (this.#resolveClosed = resolve));
    send.onClose((error) => error && this.#lose('The client has left'));
  }

  get bufferedAmount(): number {
    return this.#sender.bufferedAmount;
  }

  get signal(): AbortSignal {
    return this.#left.signal;
  }

  /** Reads until both streams are over. Never rejects. */
  async run(): Promise<void> {
    const { keepAliveMs } = this.#options;
    const keepAlive = keepAliveMs > 0 ? setInterval(() => this.#ping(), keepAliveMs).unref() : undefined;
    let farewell: Buffer | undefined;
    try {
      farewell = await this.#read();
    } catch (error) {
      farewell = this.#fail(error);
    }
    clearInterval(keepAlive);
    await this.#hangUp(farewell);
  }

  async send(data: WebSocketMessage): Promise<boolean> {
    if (this.#phase !== 'open') return false;
    const frame = encodeMessage(data);
    const { bufferedAmount } = this;
    if (bufferedAmount > 0 && bufferedAmount + frame.length > this.#options.maxBufferedBytes) {
      this.#lose('The client does not keep up');
      return false;
    }
    return this.#sender.sendNow(frame) || this.#sender.send(frame);
  }

  receive(): Promise<WebSocketMessage | undefined> {
    return this.#messages.take();
  }

  close(code: number = CloseCode.normal, reason = ''): Promise<WebSocketClose> {
    if (!mayBeSent(code)) throw new RangeError(`A WebSocket cannot be closed with the code ${code}`);
    if (this.#phase !== 'open') return this.closed;
    this.#phase = 'closing';
    this.#messages.clear();
    this.#left.abort();
    void this.#sender.send(encodeClose(code, reason));
    this.#deadline = setTimeout(() => this.#lose('The client did not say goodbye'), this.#options.closeTimeoutMs);
    return this.closed;
  }

  /** By hand, as a generator would make several promises for each message. */
  [Symbol.asyncIterator](): AsyncIterator<WebSocketMessage, void, undefined> {
    let isLeft = false;
    return {
      next: async () => {
        const value = isLeft ? undefined : await this.receive();
        return value === undefined ? { done: true, value } : { done: false, value };
      },
      return: () => {
        isLeft = true;
        return Promise.resolve({ done: true, value: undefined });
      },
    };
  }

  /** Reads to the client's close frame, and gives the one that is to be sent then. */
  async #read(): Promise<Buffer | undefined> {
    let close: CloseFrame | undefined;
    const takeAll = (): false | undefined | Promise<false | undefined> => {
      for (let incoming = this.#decoder.next(); incoming; incoming = this.#decoder.next()) {
        if (incoming.kind === 'close') {
          close = incoming;
          return false;
        }
        // Who asks faster than it takes the answers is not read meanwhile.
        const wait = this.#take(incoming);
        if (wait) return wait.then(takeAll);
      }
      return undefined;
    };
    await this.#receive.forEach((bytes) => {
      this.#awaitsPong = false;
      this.#decoder.push(bytes);
      return takeAll();
    });
    if (close) return this.#sayGoodbye(close);
    this.#lose('The client has left');
    return undefined;
  }

  #take(incoming: Exclude<Incoming, CloseFrame>): Promise<unknown> | undefined {
    if (this.#phase !== 'open') return undefined;
    if (incoming.kind === 'message') return this.#messages.push(incoming.data);
    if (incoming.kind !== 'ping') return undefined;
    const pong = encodeFrame(Opcode.pong, incoming.payload);
    return this.#sender.sendNow(pong) ? undefined : this.#sender.send(pong);
  }

  #sayGoodbye({ code, reason }: CloseFrame): Buffer | undefined {
    const wasOpen = this.#phase === 'open';
    this.#finish({ code, reason, wasClean: true });
    return wasOpen ? encodeClose(code, '') : undefined;
  }

  #fail(error: unknown): Buffer | undefined {
    if (!(error instanceof WebSocketError)) {
      this.#lose('The client has left');
      return undefined;
    }
    const wasOpen = this.#phase === 'open';
    this.#finish({ code: error.code, reason: error.message, wasClean: false });
    return wasOpen ? encodeClose(error.code, error.message) : undefined;
  }

  /** Ends without a word. */
  #lose(reason: string): void {
    this.#finish({ code: CloseCode.abnormal, reason, wasClean: false });
    this.#sender.abort(reason);
    this.#receive.cancel();
  }

  #finish(close: WebSocketClose): void {
    if (this.#phase === 'closed') return;
    this.#phase = 'closed';
    clearTimeout(this.#deadline);
    this.#messages.close();
    this.#left.abort();
    this.#resolveClosed(close);
  }

  /** The server ends the connection first (RFC 6455 §7.1.1), and then waits for the client, but not for ever. */
  async #hangUp(farewell: Buffer | undefined): Promise<void> {
    const deadline = setTimeout(() => this.#lose('The client did not hang up'), this.#options.closeTimeoutMs);
    try {
      if (farewell) await this.#sender.send(farewell);
      this.#sender.end();
      while (await this.#receive.read()) continue;
    } catch {
      // It is over, which is all that is wanted.
    } finally {
      clearTimeout(deadline);
    }
  }

  #ping(): void {
    // Who is not read, or does not take what it is sent, cannot answer.
    if (this.#phase !== 'open' || this.#messages.isFull || this.bufferedAmount > 0) return;
    if (this.#awaitsPong) {
      this.#lose('The client does not answer');
      return;
    }
    this.#awaitsPong = true;
    void this.#sender.send(encodeFrame(Opcode.ping, new Uint8Array(0)));
  }
}
