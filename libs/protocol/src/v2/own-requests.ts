import { MAX_OPEN_REQUESTS } from '@toru/contracts';
import type { AbortSignalLike } from '../abort-signal-like';
import { KeyedSlots } from '../keyed-slots';
import { ProtocolError } from '../protocol-error';
import { RequestError } from './connection-errors';
import type { MessageV2 } from './message-v2';

/** So many cancelled requests are remembered, to tell their late answers from answers to nothing. */
const MAX_CANCELLED = 4096;

export interface RequestOptions {
  /** 1 to 128 characters, never used before on this connection; chosen where it is absent. */
  readonly requestId?: string;
  /** Milliseconds until the answer must be there (its body may follow); without end where it is absent. */
  readonly deadlineMs?: number;
  readonly signal?: AbortSignalLike;
}

/** A request that is open: one of its two methods is called, once. */
export abstract class OwnRequest {
  timer: NodeJS.Timeout | undefined = undefined;
  signal: AbortSignalLike | undefined = undefined;
  onAbort: (() => void) | undefined = undefined;

  constructor(
    /** The type that answers it. */
    readonly answeredBy: 'http' | 'kv' | 'pong',
  ) {}

  /** The answer as it came. */
  abstract onAnswer(message: MessageV2, tail: Uint8Array | undefined): void;
  abstract onFailed(error: Error): void;
}

/** The requests that this side has open (protocol v2 §2, §7): each of them ends exactly once. */
export class OwnRequests {
  readonly #open = new KeyedSlots<OwnRequest>();
  readonly #cancelled = new Set<string>();
  #count = 0;

  /** `sendCancel` is called for those that are given up after they were sent. */
  constructor(private readonly sendCancel: (requestId: string) => void) {}

  get size(): number {
    return this.#open.size;
  }

  /** Takes a request up and gives its id. Throws `RequestError` `too_many_requests` or `aborted`. */
  add(request: OwnRequest, { requestId, deadlineMs, signal }: RequestOptions): string {
    if (signal?.aborted) throw new RequestError('aborted', 'The request was given up', { cause: signal.reason });
    if (this.#open.size >= MAX_OPEN_REQUESTS) {
      throw new RequestError('too_many_requests', `${MAX_OPEN_REQUESTS} requests are open`);
    }
    if (requestId !== undefined && this.#isTaken(requestId)) throw new TypeError('The request_id is in use');
    const id = requestId ?? this.#freeId();
    if (deadlineMs !== undefined) this.#limitTime(id, request, deadlineMs);
    if (signal) this.#follow(id, request, signal);
    this.#open.add(id, request);
    return id;
  }

  isOpen(id: string): boolean {
    return this.#open.has(id);
  }

  /** Ends a request that was not sent: nobody is told. */
  drop(id: string, error: Error): void {
    this.#take(id)?.onFailed(error);
  }

  /** Hands an answer over; false if it comes late, to be dropped. Throws `ProtocolError` `unknown_request_id`. */
  answer(id: string, message: MessageV2, tail: Uint8Array | undefined): boolean {
    const request = this.#open.take(id);
    if (request?.answeredBy === message.type) {
      release(request);
      request.onAnswer(message, tail);
      return true;
    }
    // an answer of another kind: it stays open, and ends with the connection
    if (request) this.#open.add(id, request);
    else if (this.#cancelled.delete(id)) return false;
    throw new ProtocolError('unknown_request_id', `The ${message.type} answer has the request_id of no open request`);
  }

  failAll(error: Error): void {
    for (const id of this.#open.keys()) this.#take(id)?.onFailed(error);
    this.#cancelled.clear();
  }

  #limitTime(id: string, request: OwnRequest, deadlineMs: number): void {
    request.timer = setTimeout(() => {
      // a process that was kept from running has not read the answer yet: that is not the other side's delay
      setImmediate(() => {
        if (this.#open.get(id) !== request) return;
        this.#giveUp(id, new RequestError('timeout', `There was no answer within ${deadlineMs} ms`));
      });
    }, deadlineMs);
  }

  #follow(id: string, request: OwnRequest, signal: AbortSignalLike): void {
    request.signal = signal;
    request.onAbort = () => {
      this.#giveUp(id, new RequestError('aborted', 'The request was given up', { cause: signal.reason }));
    };
    signal.addEventListener('abort', request.onAbort);
  }

  #giveUp(id: string, error: RequestError): void {
    const request = this.#take(id);
    if (!request) return;
    if (this.#cancelled.size >= MAX_CANCELLED) {
      for (const oldest of this.#cancelled) {
        this.#cancelled.delete(oldest);
        break;
      }
    }
    this.#cancelled.add(id);
    request.onFailed(error);
    if (request.answeredBy !== 'pong') this.sendCancel(id);
  }

  #take(id: string): OwnRequest | undefined {
    const request = this.#open.take(id);
    if (request) release(request);
    return request;
  }

  #freeId(): string {
    let id: string;
    do id = String(++this.#count);
    while (this.#isTaken(id));
    return id;
  }

  #isTaken(id: string): boolean {
    return this.#open.has(id) || (this.#cancelled.size > 0 && this.#cancelled.has(id));
  }
}

/** Its deadline and its signal are of no use any more. */
function release({ timer, signal, onAbort }: OwnRequest): void {
  if (timer) clearTimeout(timer);
  if (onAbort) signal?.removeEventListener('abort', onAbort);
}
