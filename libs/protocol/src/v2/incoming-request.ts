import type { DecodedRequest } from './http-v2';
import type { RequestKey } from './message-v2';
import type { ReceiveStream } from './receive-stream';

/** A request of the other side's that is being served, as far as the connection keeps it. */
export class Served {
  #controller: AbortController | undefined;
  #reason: Error | undefined;

  constructor(
    readonly key: RequestKey,
    readonly body: ReceiveStream | undefined,
  ) {}

  get requestId(): string {
    return String(this.key);
  }

  /** Aborts when the answer is of no use any more. Made when it is asked for: most handlers do not. */
  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#reason) this.#controller.abort(this.#reason);
    return this.#controller.signal;
  }

  abort(reason: Error): void {
    this.#reason ??= reason;
    this.#controller?.abort(reason);
    this.body?.fail(reason);
  }
}

/** An HTTP request as a plugin's handler gets it (protocol v2 §5, §10). */
export class IncomingRequest implements DecodedRequest {
  readonly method;
  readonly path;
  readonly base;
  readonly headers;
  readonly user;
  readonly remote;
  readonly #served: Served;

  constructor(
    head: DecodedRequest,
    served: Served,
    /** The client wants another protocol: answer 101 with a body, which are the bytes to the client, or refuse. */
    readonly upgrade: boolean,
    readonly body: Uint8Array | ReceiveStream | undefined,
  ) {
    this.method = head.method;
    this.path = head.path;
    this.base = head.base;
    this.headers = head.headers;
    // A handler may do with it what it likes.
    this.user = head.user && { ...head.user };
    this.remote = head.remote;
    this.#served = served;
  }

  get requestId(): string {
    return this.#served.requestId;
  }

  /** Aborts when the host cancels, refuses the answer's stream, or is gone. */
  get signal(): AbortSignal {
    return this.#served.signal;
  }
}
