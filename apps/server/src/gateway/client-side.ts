import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Writable } from 'node:stream';

/** A request without its body, as Node tells it. */
export type RequestHead = Pick<IncomingMessage, 'method' | 'url' | 'headers' | 'rawHeaders' | 'socket'>;

/** The client's side of an exchange: what it asks, and how it is answered. */
export interface ClientSide {
  readonly head: RequestHead;
  /** The whole body where it is there (null: there is none); undefined: it is collected, or read from `response.req`. */
  readonly body: Buffer | null | undefined;
  /**
   * The whole body as soon as it is there; undefined where Node reads it after all. Rejects with `ClientGoneError`.
   */
  collect(): Promise<Buffer | undefined>;
  /** The client waits for `100 Continue` before it sends the body. */
  readonly expectsContinue: boolean;
  /** Node's response to it; where Node does not know of the request yet, asking for this makes it known. */
  readonly response: ServerResponse;
  /** Whether a head of an answer is out already. */
  readonly hasBegun: boolean;
  /** Whether nobody is there any more who could be answered. */
  readonly hasLeft: boolean;
  /** Takes answers that need no response of Node's; undefined: they do. */
  readonly direct: DirectAnswers | undefined;
  /** Ends the connection, whatever of the answer is out. */
  cut(): void;
  /** Calls back once, when the answer is out or the client has left. */
  whenClosed(listener: () => void): void;
}

/** One of the two is called, once. Headers are name, value, name, value … that HTTP can carry. */
export interface DirectAnswers {
  /** @param headers with the length of the body */
  answer(status: number, headers: readonly string[], body: string | Uint8Array | undefined): void;
  /** Sends the head of an answer whose body follows. @param isCounted whether its length is among the headers */
  begin(status: number, headers: readonly string[], isCounted: boolean): AnswerBody;
}

/** Where the body of an answer goes whose head is out. */
export interface AnswerBody {
  /** Says `drain` when it takes more, and `close` when the client has left; to destroy it ends the connection. */
  readonly events: Writable;
  /** @returns whether it takes more at once */
  write(piece: Uint8Array): boolean;
  /** The answer is complete. */
  end(): void;
}

/** A client whose request Node has read. */
export class NodeClient implements ClientSide {
  readonly body = undefined;
  readonly direct = undefined;

  constructor(
    readonly response: ServerResponse,
    readonly expectsContinue: boolean,
  ) {}

  get head(): IncomingMessage {
    return this.response.req;
  }

  get hasBegun(): boolean {
    return this.response.headersSent;
  }

  get hasLeft(): boolean {
    return this.response.destroyed || this.response.req.socket.destroyed;
  }

  collect(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  cut(): void {
    this.response.destroy();
  }

  whenClosed(listener: () => void): void {
    const { response } = this;
    const { socket } = response.req;
    let isOpen = true;
    const close = (): void => {
      socket.off('close', close);
      if (isOpen) listener();
      isOpen = false;
    };
    response.once('close', close);
    // behind another one it has no connection yet, and would not hear of its end
    if (response.socket === null) socket.once('close', close);
  }
}
