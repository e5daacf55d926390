import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { MAX_FRAME_BYTES } from '@toru/contracts';
import type { Envelope, KvAnswerV1, KvErrorV1, KvRequestV1 } from '@toru/contracts';
import { ExchangeError } from './exchange-error';
import { FrameDecoder } from './frame-decoder';
import { encodeFrame } from './frame-encoder';
import { FrameError } from './frame-error';
import { decodeKvRequest, encodeKvAnswer, isKvRequest } from './kv-v1';
import { decodeMessage } from './messages-v1';
import type { MessageV1 } from './messages-v1';
import { ProtocolError } from './protocol-error';
import { checkSocketPath, connectError } from './socket-connect';
import type { AbortSignalLike } from './abort-signal-like';

/** How many messages beside the answer one connection may carry: a plugin that loops is stopped, a busy one is not. */
export const MAX_MESSAGES_PER_EXCHANGE = 10_000;

/** What came of a key-value request; where there is an error, the value does not count. */
export type KvOutcome = KvAnswerV1 | { readonly value?: null; readonly error: KvErrorV1 };

export interface ExchangeOptions<T> {
  readonly socketPath: string;
  /** From `encodeHttpRequest` or `encodeKvRequest`; its type tells which messages can be the answer. */
  readonly message: Envelope;
  /** The id inside `message`. */
  readonly requestId: string;
  /** Milliseconds for the whole exchange, connecting included. */
  readonly deadlineMs: number;
  readonly connectTimeoutMs: number;
  /** Milliseconds that the plugin may take from the first byte of a frame to its last. */
  readonly frameDeadlineMs: number;
  /** For frames of both directions; by default, and at most, `MAX_FRAME_BYTES`. */
  readonly maxFrameBytes?: number;
  readonly maxMessages?: number;
  /** Reads the answer: `decodeHttpResponse` or `decodeKvAnswer`. */
  readonly decode: (message: MessageV1) => T;
  /**
   * Serves what the plugin asks on this connection, one request at a time and in their order. A rejection is answered
   * with the error `internal`, without its text: who rejects logs it.
   */
  readonly onKvRequest: (request: KvRequestV1) => Promise<KvOutcome>;
  readonly signal?: AbortSignalLike;
}

/**
 * One request on a connection of its own, as version 1 plugins need it (protocol §3): connect, send, serve the plugin's
 * key-value requests meanwhile, resolve with the answer, close. Our side is never half-closed before that, because
 * plugins in the field take the end of the stream for the end of the request.
 *
 * - An answer has the request's id, outside, inside or both. None at all, or another one, is a protocol error, although
 *   the connection carries one request only: an answer that nobody can attribute is not passed on.
 * - When the host asked for a key (`kv`), a message with the request's own id is the answer; the plugin's own requests
 *   then have ids of their own.
 * - Messages of other types are ignored. What follows the answer is not read.
 * - A sequential plugin may leave the request unread while it serves another one, so that sending has no deadline
 *   shorter than the whole; at its end, `write_stalled` says that the plugin had not read everything.
 *
 * Rejects with `ExchangeError` only. Afterwards the socket is destroyed and no timer or listener is left.
 */
export function exchangeV1<T>(options: ExchangeOptions<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    new Exchange(options, resolve, reject).start();
  });
}

/** A frame of our own; `ExchangeError` `message_too_large` if it is over the limit. */
export function encodeOwn(message: Envelope, maxFrameBytes = MAX_FRAME_BYTES): Buffer {
  try {
    return encodeFrame(message, { maxFrameBytes });
  } catch (cause) {
    if (!(cause instanceof FrameError)) throw cause;
    throw new ExchangeError('message_too_large', cause.message, { cause });
  }
}

/**
 * What all exchanges read into: a piece is read out of it before the next one comes, and what has to wait is copied. A
 * buffer for each read would be most of what an exchange leaves to the garbage collector.
 */
const READ_BUFFER = Buffer.allocUnsafeSlow(64 * 1024);

/** A small event loop around one decoder, which settles once. Its listeners stay: the socket goes with the exchange. */
class Exchange<T> {
  readonly #decoder: FrameDecoder;
  readonly #end: number;
  #socket: Socket | undefined;
  /** For the connection, then for the whole. */
  #deadline: NodeJS.Timeout | undefined;
  #frameDeadline: NodeJS.Timeout | undefined;
  #messages = 0;
  #connected = false;
  /** Its time was over before it was connected, and what had come by then has been looked at since. */
  #looked = false;
  /** A key-value request is being served: nothing further is read meanwhile. */
  #serving = false;
  #settled = false;

  constructor(
    private readonly options: ExchangeOptions<T>,
    private readonly resolve: (answer: T) => void,
    private readonly reject: (error: ExchangeError) => void,
  ) {
    this.#decoder = new FrameDecoder(options);
    this.#end = performance.now() + options.deadlineMs;
  }

  start(): void {
    const { socketPath, message, maxFrameBytes, signal, deadlineMs, connectTimeoutMs } = this.options;
    checkSocketPath(socketPath);
    const frame = encodeOwn(message, maxFrameBytes);
    if (signal?.aborted) {
      this.#onAbort();
      return;
    }
    signal?.addEventListener('abort', this.#onAbort);
    this.#deadline = setTimeout(this.#onDeadline, Math.min(deadlineMs, connectTimeoutMs));
    const socket = connect({ path: socketPath, onread: { buffer: READ_BUFFER, callback: this.#onRead } });
    this.#socket = socket;
    socket.on('error', this.#onError);
    socket.on('end', this.#onEnd);
    socket.on('close', this.#onClose);
    socket.on('connect', () => {
      this.#connected = true;
      socket.write(frame);
    });
  }

  readonly #onRead = (length: number): boolean => {
    if (this.#settled) return false;
    this.#decoder.lend(READ_BUFFER.subarray(0, length));
    this.#drain();
    this.#decoder.keep();
    return true;
  };

  readonly #onEnd = (): void => {
    if (this.#settled) return;
    try {
      this.#decoder.end();
      this.#fail(new ExchangeError('connection_closed', 'The plugin closed the connection without an answer'));
    } catch (cause) {
      this.#fail(new ExchangeError('connection_closed', 'The plugin closed the connection inside a frame', { cause }));
    }
  };

  readonly #onError = (cause: Error): void => {
    if (this.#settled) return;
    this.#fail(this.#connected ? broken(cause) : connectError(cause));
  };

  readonly #onClose = (): void => {
    if (!this.#settled) this.#fail(broken());
  };

  readonly #onAbort = (): void => {
    this.#fail(new ExchangeError('aborted', 'The request was given up', { cause: this.options.signal?.reason }));
  };

  readonly #onDeadline = (): void => {
    if (this.#settled) return;
    if (!this.#connected && !this.#looked) {
      // a process that was kept from running hears of its connection only now: that is not the plugin's delay
      this.#looked = true;
      setImmediate(this.#onDeadline);
      return;
    }
    const { deadlineMs, connectTimeoutMs } = this.options;
    if (connectTimeoutMs < deadlineMs) {
      if (!this.#connected) {
        this.#fail(new ExchangeError('connect_failed', `The plugin did not accept within ${connectTimeoutMs} ms`));
        return;
      }
      const restMs = this.#end - performance.now();
      if (restMs > 0) {
        this.#deadline = setTimeout(this.#onDeadline, Math.ceil(restMs));
        return;
      }
    }
    this.#fail(
      this.#connected && (this.#socket?.writableLength ?? 0) > 0
        ? new ExchangeError(
            'write_stalled',
            `The plugin had not read what it was sent within ${Math.round(deadlineMs)} ms`,
          )
        : late(deadlineMs),
    );
  };

  readonly #onFrameDeadline = (): void => {
    const { frameDeadlineMs } = this.options;
    this.#fail(new ExchangeError('timeout', `The plugin did not finish a frame within ${frameDeadlineMs} ms`));
  };

  /** Handles the frames that are complete, until one of them has to be served first or is the answer. */
  #drain(): void {
    try {
      while (!this.#isBusy()) {
        const frame = this.#decoder.next();
        if (!frame) break;
        this.#stopFrameDeadline();
        this.#handle(decodeMessage(frame));
      }
    } catch (cause) {
      this.#fail(asExchangeError(cause));
    }
    if (this.#isBusy() || !this.#decoder.pending) return;
    this.#frameDeadline ??= setTimeout(this.#onFrameDeadline, this.options.frameDeadlineMs);
  }

  #isBusy(): boolean {
    return this.#settled || this.#serving;
  }

  #handle(message: MessageV1): void {
    if (this.#isAnswer(message)) {
      this.#succeed(this.options.decode(message));
      return;
    }
    this.#messages += 1;
    if (this.#messages > (this.options.maxMessages ?? MAX_MESSAGES_PER_EXCHANGE)) {
      throw new ProtocolError('too_many_messages', 'The plugin sent too many messages instead of an answer');
    }
    if (message.type === 'kv') this.#serve(message);
  }

  #isAnswer(message: MessageV1): boolean {
    const { message: sent, requestId } = this.options;
    if (message.type === 'kv') {
      if (sent.type === 'kv' && message.requestId === requestId) return true;
      if (isKvRequest(message)) return false;
      if (sent.type === 'http') throw new ProtocolError('unexpected_message', 'A kv answer that nobody asked for');
    } else if (message.type !== 'http') {
      return false;
    }
    if (message.requestId === undefined) throw new ProtocolError('missing_request_id', 'The answer has no request_id');
    if (message.requestId !== requestId) {
      throw new ProtocolError('unknown_request_id', 'The answer has the request_id of no open request');
    }
    return true;
  }

  #serve(message: MessageV1): void {
    const { requestId } = message;
    if (requestId === undefined) throw new ProtocolError('missing_request_id', 'The kv request has no request_id');
    const request = decodeKvRequest(message);
    this.#serving = true;
    this.#socket?.pause();
    void this.#answerKv(request).then((answer) => {
      if (this.#settled) return;
      try {
        const envelope = encodeKvAnswer(requestId, answer, new Date().toISOString());
        this.#socket?.write(encodeOwn(envelope, this.options.maxFrameBytes), this.#onServed);
      } catch (error) {
        this.#fail(asExchangeError(error));
      }
    });
  }

  /** Goes on only when the plugin has taken the answer: so what waits to be sent is never more than one. */
  readonly #onServed = (error?: Error | null): void => {
    if (error || this.#settled) return;
    this.#serving = false;
    this.#drain();
    if (!this.#isBusy()) this.#socket?.resume();
  };

  async #answerKv(request: KvRequestV1): Promise<KvAnswerV1> {
    try {
      const outcome = await this.options.onKvRequest(request);
      return outcome.error ? { value: null, error: outcome.error } : { value: outcome.value ?? null };
    } catch {
      return { value: null, error: { code: 'internal', message: 'The host could not serve the request' } };
    }
  }

  #succeed(answer: T): void {
    if (this.#close()) this.resolve(answer);
  }

  #fail(error: ExchangeError): void {
    if (this.#close()) this.reject(error);
  }

  /** Lets go of everything, the first time that it is called. */
  #close(): boolean {
    if (this.#settled) return false;
    this.#settled = true;
    clearTimeout(this.#deadline);
    this.#stopFrameDeadline();
    this.options.signal?.removeEventListener('abort', this.#onAbort);
    this.#socket?.destroy();
    return true;
  }

  #stopFrameDeadline(): void {
    if (this.#frameDeadline === undefined) return;
    clearTimeout(this.#frameDeadline);
    this.#frameDeadline = undefined;
  }
}

function late(deadlineMs: number): ExchangeError {
  return new ExchangeError('timeout', `The plugin did not answer within ${Math.round(deadlineMs)} ms`);
}

function broken(cause?: Error): ExchangeError {
  return new ExchangeError('connection_closed', 'The connection to the plugin broke', cause && { cause });
}

function asExchangeError(cause: unknown): ExchangeError {
  if (cause instanceof ExchangeError) return cause;
  const message = cause instanceof Error ? cause.message : 'The answer could not be read';
  return new ExchangeError('protocol', message, { cause });
}
