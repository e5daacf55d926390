import { MAX_OPEN_REQUESTS } from '@toru/contracts';
import type { AbortSignalLike } from '../abort-signal-like';
import { NumberedSlots } from '../numbered-slots';
import type { Numbered } from '../numbered-slots';
import { ProtocolError } from '../protocol-error';
import { RequestError } from './connection-errors';
import { requestNumberOf } from './message-v2';
import type { MessageV2 } from './message-v2';

/** So many cancelled requests are remembered, to tell their late answers from answers to nothing. */
const MAX_CANCELLED = 4096;

export interface RequestOptions {
  /** Milliseconds until the answer must be there (its body may follow); without end where it is absent. */
  readonly deadlineMs?: number;
  readonly signal?: AbortSignalLike;
}

/** A request that is open: one of its two methods is called, once. */
export abstract class OwnRequest implements Numbered {
  /** Its decimal digits are the `request_id`. */
  number = 0;
  /** Whether the other side may have heard of it: it waits for its turn to be written until then. */
  isSent = false;
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
  readonly #open = new NumberedSlots<OwnRequest>();
  readonly #cancelled = new Set<number>();
  /** The largest number that was cancelled and is not remembered any more. */
  #forgotten = 0;

  /** `sendCancel` is called for those that are given up after they were sent, but for pings. */
  constructor(private readonly sendCancel: (requestNumber: number) => void) {}

  get size(): number {
    return this.#open.size;
  }

  /** Takes a request up and gives it its number. Throws `RequestError` `too_many_requests` or `aborted`. */
  add(request: OwnRequest, { deadlineMs, signal }: RequestOptions): void {
    if (signal?.aborted) throw new RequestError('aborted', 'The request was given up', { cause: signal.reason });
    if (this.#open.size >= MAX_OPEN_REQUESTS) {
      throw new RequestError('too_many_requests', `${MAX_OPEN_REQUESTS} requests are open`);
    }
    if (deadlineMs !== undefined) this.#limitTime(request, deadlineMs);
    if (signal) this.#follow(request, signal);
    this.#open.add(request);
  }

  isOpen(request: OwnRequest): boolean {
    return this.#open.get(request.number) === request;
  }

  /** Ends a request that was not sent: nobody is told. */
  drop(request: OwnRequest, error: Error): void {
    if (this.#take(request)) request.onFailed(error);
  }

  /** Hands an answer over; false if it comes late, to be dropped. Throws `ProtocolError`. */
  answer(message: MessageV2, tail: Uint8Array | undefined): boolean {
    const number = requestNumberOf(message);
    const request = this.#open.get(number);
    // an answer of another kind, or to what was not asked yet: the request stays open, and ends with the connection
    if (request?.isSent && request.answeredBy === message.type) {
      this.#open.take(number);
      release(request);
      request.onAnswer(message, tail);
      return true;
    }
    // `cancel` may be ignored, however often: an answer to what is forgotten may be one to a cancelled request
    if (!request && (this.#cancelled.delete(number) || (number > 0 && number <= this.#forgotten))) return false;
    throw new ProtocolError('unknown_request_id', `The ${message.type} answer has the request_id of no open request`);
  }

  failAll(error: Error): void {
    for (const request of this.#open.all()) this.drop(request, error);
    this.#cancelled.clear();
  }

  #limitTime(request: OwnRequest, deadlineMs: number): void {
    request.timer = setTimeout(() => {
      // a process that was kept from running has not read the answer yet: that is not the other side's delay
      setImmediate(() => {
        this.#giveUp(request, new RequestError('timeout', `There was no answer within ${deadlineMs} ms`));
      });
    }, deadlineMs);
  }

  #follow(request: OwnRequest, signal: AbortSignalLike): void {
    request.signal = signal;
    request.onAbort = () => {
      this.#giveUp(request, new RequestError('aborted', 'The request was given up', { cause: signal.reason }));
    };
    signal.addEventListener('abort', request.onAbort);
  }

  #giveUp(request: OwnRequest, error: RequestError): void {
    if (!this.#take(request)) return;
    if (request.isSent) this.#remember(request.number);
    request.onFailed(error);
    if (request.isSent && request.answeredBy !== 'pong') this.sendCancel(request.number);
  }

  #remember(cancelled: number): void {
    if (this.#cancelled.size >= MAX_CANCELLED) {
      for (const oldest of this.#cancelled) {
        this.#cancelled.delete(oldest);
        this.#forgotten = Math.max(this.#forgotten, oldest);
        break;
      }
    }
    this.#cancelled.add(cancelled);
  }

  /** False where it has ended already. */
  #take(request: OwnRequest): boolean {
    if (!this.isOpen(request)) return false;
    this.#open.take(request.number);
    release(request);
    return true;
  }
}

/** Its deadline and its signal are of no use any more. */
function release({ timer, signal, onAbort }: OwnRequest): void {
  if (timer) clearTimeout(timer);
  if (onAbort) signal?.removeEventListener('abort', onAbort);
}
