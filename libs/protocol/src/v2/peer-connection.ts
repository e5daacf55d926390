import type { Duplex } from 'node:stream';
import { DEFAULT_WINDOW_BYTES, MAX_FRAME_BYTES, MAX_OPEN_REQUESTS } from '@toru/contracts';
import type {
  EventV2,
  FailedV2,
  InitV2,
  KvActionV2,
  KvAnswersV2,
  KvRequestV2,
  LifecycleActionV2,
  LogV2,
  ReadyV2,
  SettingsV2,
  ShutdownV2,
} from '@toru/contracts';
import { FrameError } from '../frame-error';
import { asString, field } from '../json';
import { ProtocolError } from '../protocol-error';
import { ConnectionClosedError, RequestError, StreamError } from './connection-errors';
import { FrameDecoderV2 } from './frame-decoder-v2';
import { bodyOf, decodeHttpRequestV2, decodeHttpResponseV2, headersRecord } from './http-v2';
import type { BodyPlace, RequestHead } from './http-v2';
import { IncomingRequest, Served } from './incoming-request';
import { decodeKvAnswerV2, decodeKvRequestV2, isKvRequestV2 } from './kv-v2';
import { decodeFailedV2, decodeInitV2, decodeReadyV2, decodeSettingsV2, decodeShutdownV2 } from './lifecycle-v2';
import { decodeMessageV2, requestIdOf } from './message-v2';
import type { MessageV2 } from './message-v2';
import { decodeEventV2, decodeLogV2 } from './notifications-v2';
import { Outbox } from './outbox';
import { discardBody, inlineBytes, pumpBody } from './outgoing-body';
import type { OutgoingBody } from './outgoing-body';
import { OwnRequests } from './own-requests';
import type { RequestOptions } from './own-requests';
import type { IncomingResponse, OutgoingResponse, PeerHandlers, PeerOptions } from './peer-options';
import type { SendStream } from './send-stream';
import { StreamTable } from './stream-table';

const FRAME_DEADLINE_MS = 10_000;
const WRITE_STALL_MS = 10_000;
const HIGH_WATER_BYTES = 1024 * 1024;
const MAX_BUFFERED_BYTES = 32 * 1024 * 1024;

/** Handlers that may be running, those of cancelled requests among them: who cancels does not get more than that. */
const MAX_RUNNING_HANDLERS = 2 * MAX_OPEN_REQUESTS;

const CANCELLED = { code: 'cancelled', message: 'The request was cancelled' };
const ANSWERED = { code: 'answered', message: 'The answer is complete' };
const INTERNAL_ERROR: OutgoingResponse = { status: 500, headers: {} };

export interface HttpOptions extends RequestOptions {
  readonly body?: OutgoingBody;
}

/** How the other side greeted: `init` at the plugin, `ready` or `failed` at the host. */
export type Greeting =
  | { readonly action: 'init'; readonly init: InitV2 }
  | { readonly action: 'ready'; readonly ready: ReadyV2 }
  | { readonly action: 'failed'; readonly failed: FailedV2 };

/**
 * One multiplexed connection between the host and a plugin, at either end of it (protocol v2). It takes the socket over.
 *
 * - Every request ends once: with its answer, with a `RequestError`, or with the connection's `ConnectionClosedError`.
 * - What the other side may not do closes the connection; `closed` tells why.
 * - Reading never waits for handlers, so that pings are answered and one slow stream never blocks another.
 * - What waits to be written is bounded: requests, answers and streams wait their turn, and a side that asks without
 *   reading the answers is given up.
 *
 * Afterwards no timer and no listener is left.
 */
export class PeerConnection {
  readonly role: 'host' | 'plugin';
  /** Resolves when the connection is closed, with the reason. */
  readonly closed: Promise<ConnectionClosedError>;
  /** The first word of the other side; see the helpers of the handshake. Rejects with `ConnectionClosedError`. */
  readonly greeting: Promise<Greeting>;

  readonly #socket: Duplex;
  readonly #handlers: PeerHandlers;
  readonly #decoder: FrameDecoderV2;
  readonly #outbox: Outbox;
  readonly #streams: StreamTable;
  readonly #own: OwnRequests;
  readonly #served = new Map<string, Served>();
  readonly #frameDeadlineMs: number;
  readonly #writeStallMs: number;
  readonly #socketClosed: Promise<void>;
  #phase: 'new' | 'initialised' | 'ready' = 'new';
  #running = 0;
  #frameDeadline: NodeJS.Timeout | undefined;
  #closedError: ConnectionClosedError | undefined;
  #resolveClosed!: (error: ConnectionClosedError) => void;
  #resolveGreeting!: (greeting: Greeting) => void;
  #rejectGreeting!: (error: ConnectionClosedError) => void;

  constructor(socket: Duplex, options: PeerOptions) {
    this.role = options.role;
    this.#socket = socket;
    this.#handlers = options.handlers ?? {};
    this.#frameDeadlineMs = options.frameDeadlineMs ?? FRAME_DEADLINE_MS;
    this.#writeStallMs = options.writeStallMs ?? WRITE_STALL_MS;
    const maxFrameBytes = options.maxFrameBytes ?? MAX_FRAME_BYTES;
    this.#decoder = new FrameDecoderV2({ maxFrameBytes });
    this.#outbox = new Outbox(socket, {
      maxFrameBytes,
      highWaterBytes: options.highWaterBytes ?? HIGH_WATER_BYTES,
      maxBufferedBytes: options.maxBufferedBytes ?? MAX_BUFFERED_BYTES,
      stallMs: this.#writeStallMs,
      onFailed: (error) => this.#shut(error),
    });
    this.#streams = new StreamTable(
      this.#outbox,
      this.role === 'host' ? 1 : 0,
      options.windowBytes ?? DEFAULT_WINDOW_BYTES,
    );
    this.#own = new OwnRequests((requestId) => this.#sendJson({ type: 'cancel', request_id: requestId }));
    this.closed = new Promise((resolve) => (this.#resolveClosed = resolve));
    this.greeting = new Promise((resolve, reject) => {
      this.#resolveGreeting = resolve;
      this.#rejectGreeting = reject;
    });
    this.greeting.catch(() => undefined);
    this.#socketClosed = new Promise((resolve) => {
      if (socket.closed) resolve();
      else socket.once('close', () => resolve());
    });
    socket.on('data', this.#onData);
    socket.on('end', this.#onEnd);
    socket.on('error', this.#onBroken);
    socket.on('close', this.#onBroken);
    if (socket.destroyed) this.#onBroken();
  }

  get isClosed(): boolean {
    return this.#closedError !== undefined;
  }

  /** Whether `ready` has passed. */
  get isReady(): boolean {
    return this.#phase === 'ready' && !this.isClosed;
  }

  /** What is open, of both sides; for draining and for metrics. */
  get load(): { readonly requests: number; readonly serving: number; readonly streams: number } {
    return { requests: this.#own.size, serving: this.#served.size, streams: this.#streams.size };
  }

  /** Host: an HTTP request, of whose answer the head is there. Rejects with `RequestError` or `ConnectionClosedError`. */
  http(head: RequestHead, options: HttpOptions = {}): Promise<IncomingResponse> {
    return this.#request('http', head, options);
  }

  /**
   * Host: a request for another protocol (§10). `body` gets the stream of the client's bytes, and should be a function or
   * wait for the answer. With status 101 `body` of the answer is a stream; any other status refuses.
   */
  upgrade(head: RequestHead, options: HttpOptions & { readonly body: OutgoingBody }): Promise<IncomingResponse> {
    return this.#request('upgrade', head, options);
  }

  /**
   * A key-value operation (§8). Rejects with `KvRefusedError` where the other side answered with an error, else with
   * `RequestError` or `ConnectionClosedError`.
   */
  kv<A extends KvActionV2>(
    request: Extract<KvRequestV2, { action: A }>,
    options: RequestOptions = {},
  ): Promise<KvAnswersV2[A]> {
    return new Promise((resolve, reject) => {
      this.#requireInitialised();
      const id = this.#own.add(
        'kv',
        options,
        ({ payload }) => {
          try {
            resolve(decodeKvAnswerV2<A>(request.action, payload));
          } catch (cause) {
            reject(cause instanceof ProtocolError ? unusable(cause) : (cause as Error));
          }
        },
        reject,
      );
      this.#sendRequest(id, () => this.#sendJson({ type: 'kv', request_id: id, payload: request }));
    });
  }

  /** Whether the other side reads: rejects with `RequestError` `timeout` if it does not answer in time. */
  ping(timeoutMs: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#requireOpen();
      const id = this.#own.add('pong', { deadlineMs: timeoutMs }, () => resolve(), reject);
      this.#sendJson({ type: 'ping', request_id: id });
    });
  }

  /** Plugin: a log line; false where the host does not keep up, and it was dropped. Throws `FrameError` for a huge one. */
  log(log: LogV2): boolean {
    return this.#notify('log', log);
  }

  /** Plugin: an event, likewise. */
  event(event: EventV2): boolean {
    return this.#notify('event', event);
  }

  /** Host: the first message. */
  sendInit(init: InitV2): void {
    this.#phase = 'initialised';
    this.#decoder.limitTo(init.limits.max_frame);
    this.#outbox.limitTo(init.limits.max_frame);
    this.#streams.setWindow(init.limits.window);
    this.#sendLifecycle('init', init);
  }

  /** Plugin: routes are open from here on. */
  sendReady(ready: ReadyV2): void {
    this.#sendLifecycle('ready', ready);
    this.#phase = 'ready';
    this.#decoder.acceptTails();
  }

  /** Plugin: it cannot run; to be followed by `close` and the end of the process. */
  sendFailed(failed: FailedV2): void {
    this.#sendLifecycle('failed', failed);
  }

  /** Host. */
  sendShutdown(shutdown: ShutdownV2): void {
    this.#sendLifecycle('shutdown', shutdown);
  }

  /** Host. */
  sendSettings(settings: SettingsV2): void {
    this.#sendLifecycle('settings', settings);
  }

  /** Sends what waits, closes, and resolves when the socket is gone. Whatever is pending ends now. Any number of times. */
  close(): Promise<void> {
    this.#shut(new ConnectionClosedError('local', 'The connection was closed'));
    return this.#socketClosed;
  }

  readonly #onData = (chunk: Buffer): void => {
    this.#decoder.push(chunk);
    try {
      for (let head = this.#decoder.next(); head; head = this.#decoder.next()) {
        this.#stopFrameDeadline();
        this.#receive(decodeMessageV2(head), this.#decoder.tail);
        if (this.isClosed) return;
      }
    } catch (cause) {
      this.#breakOff(cause);
      return;
    }
    if (!this.#decoder.pending) return;
    this.#frameDeadline ??= setTimeout(() => {
      const message = `The other side did not finish a frame within ${this.#frameDeadlineMs} ms`;
      this.#shut(new ConnectionClosedError('frame_timeout', message));
    }, this.#frameDeadlineMs);
  };

  readonly #onEnd = (): void => {
    try {
      this.#decoder.end();
      this.#onBroken();
    } catch (cause) {
      this.#shut(new ConnectionClosedError('remote', 'The other side closed inside of a frame', { cause }));
    }
  };

  readonly #onBroken = (cause?: unknown): void => {
    const options = cause instanceof Error ? { cause } : undefined;
    this.#shut(new ConnectionClosedError('remote', 'The other side closed the connection', options));
  };

  #receive(message: MessageV2, tail: Uint8Array | undefined): void {
    if (this.role === 'plugin' && this.#phase === 'new') this.#requireGreetingFirst(message);
    switch (message.type) {
      case 'data':
        this.#streams.receive(message, tail);
        break;
      case 'http':
        if (this.role === 'plugin') this.#serveHttp(message, tail);
        else if (!this.#own.answer(requestIdOf(message), message, tail)) this.#refuseLate(message);
        break;
      case 'upgrade':
        this.#onlyFrom('host', message);
        this.#serveHttp(message, tail);
        break;
      case 'kv':
        if (isKvRequestV2(message.payload)) this.#serveKv(message);
        else this.#own.answer(requestIdOf(message), message, undefined);
        break;
      case 'cancel':
        this.#cancel(requestIdOf(message));
        break;
      case 'ping':
        this.#sendJson({ type: 'pong', request_id: requestIdOf(message) });
        break;
      case 'pong':
        this.#own.answer(requestIdOf(message), message, undefined);
        break;
      case 'lifecycle':
        this.#receiveLifecycle(message);
        break;
      case 'log':
        this.#onlyFrom('plugin', message);
        this.#receiveNotification('log', () => this.#tell('log', decodeLogV2(message.payload)));
        break;
      case 'event':
        this.#onlyFrom('plugin', message);
        this.#receiveNotification('event', () => this.#tell('event', decodeEventV2(message.payload)));
        break;
      default:
      // Types of versions to come.
    }
  }

  #receiveLifecycle(message: MessageV2): void {
    const { payload } = message;
    switch (asString(message.envelope, 'action') ?? '') {
      case 'init': {
        this.#onlyFrom('host', message);
        this.#onlyIn('new');
        const init = decodeInitV2(payload);
        this.#phase = 'initialised';
        this.#decoder.limitTo(init.limits.max_frame);
        this.#outbox.limitTo(init.limits.max_frame);
        this.#streams.setWindow(init.limits.window);
        this.#resolveGreeting({ action: 'init', init });
        break;
      }
      case 'ready': {
        this.#onlyFrom('plugin', message);
        this.#onlyIn('initialised');
        const ready = decodeReadyV2(payload);
        this.#phase = 'ready';
        this.#decoder.acceptTails();
        this.#resolveGreeting({ action: 'ready', ready });
        break;
      }
      case 'failed':
        this.#onlyFrom('plugin', message);
        this.#onlyIn('initialised');
        this.#resolveGreeting({ action: 'failed', failed: decodeFailedV2(payload) });
        break;
      case 'shutdown':
        this.#onlyFrom('host', message);
        this.#tell('shutdown', decodeShutdownV2(payload));
        break;
      case 'settings':
        this.#onlyFrom('host', message);
        this.#tell('settings', decodeSettingsV2(payload));
        break;
      default:
      // Actions of versions to come.
    }
  }

  #receiveNotification(type: string, receive: () => void): void {
    try {
      receive();
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#handlers.ignored?.(type, error);
    }
  }

  /** A handler that throws must not take the connection, or the process, with it. */
  #tell<K extends 'shutdown' | 'settings' | 'log' | 'event'>(
    name: K,
    message: Parameters<NonNullable<PeerHandlers[K]>>[0],
  ): void {
    try {
      (this.#handlers[name] as ((given: typeof message) => void) | undefined)?.(message);
    } catch (error) {
      this.#handlers.failed?.(error, name);
    }
  }

  #serveHttp(message: MessageV2, tail: Uint8Array | undefined): void {
    if (this.#phase !== 'ready') throw new ProtocolError('unexpected_message', 'A request before ready');
    const id = this.#admit(message);
    const upgrade = message.type === 'upgrade';
    const place = bodyOf(message.payload, tail, 1);
    if (upgrade && place.stream === undefined) {
      throw new ProtocolError('invalid_stream', 'An upgrade needs a stream');
    }
    const head = decodeHttpRequestV2(message.payload);
    const stream = place.stream === undefined ? undefined : this.#streams.accept(place.stream);
    const served = new Served(id, stream);
    this.#served.set(id, served);
    const request = new IncomingRequest(head, served, upgrade, stream ?? place.bytes);
    void this.#run(served, () => this.#handlers.http?.(request) ?? INTERNAL_ERROR, INTERNAL_ERROR).then((response) => {
      this.#outbox.whenWritable(() => this.#answerHttp(served, response));
    });
  }

  #serveKv(message: MessageV2): void {
    const served = new Served(this.#admit(message), undefined);
    this.#served.set(served.requestId, served);
    const unavailable = { error: { code: 'storage_unavailable', message: 'The operation could not be carried out' } };
    const handle = () => {
      try {
        const request = decodeKvRequestV2(message.payload);
        return this.#handlers.kv?.(request, served) ?? unavailable;
      } catch (error) {
        if (!(error instanceof ProtocolError)) throw error;
        return { error: { code: 'invalid_request', message: error.message } };
      }
    };
    void this.#run(served, handle, unavailable).then((payload) => {
      this.#outbox.whenWritable(() => {
        if (!this.#takeServed(served)) return;
        const { requestId } = served;
        const tooLarge = { error: { code: 'kv_value_too_large', message: 'The answer does not fit a frame' } };
        this.#sendOr(
          requestId,
          () => this.#sendJson({ type: 'kv', request_id: requestId, payload }),
          () => this.#sendJson({ type: 'kv', request_id: requestId, payload: tooLarge }),
        );
      });
    });
  }

  /** Runs a handler, beginning now. Never rejects. */
  async #run<T>(served: Served, handle: () => T | Promise<T>, instead: T): Promise<T> {
    this.#running += 1;
    try {
      const result: T | undefined = await handle();
      return result ?? instead;
    } catch (error) {
      this.#handlers.failed?.(error, served.requestId);
      return instead;
    } finally {
      this.#running -= 1;
    }
  }

  #admit(message: MessageV2): string {
    const id = requestIdOf(message);
    if (this.#served.has(id)) throw new ProtocolError('duplicate_request_id', 'A request with the id of an open one');
    if (this.#served.size >= MAX_OPEN_REQUESTS || this.#running >= MAX_RUNNING_HANDLERS) {
      throw new ProtocolError('too_many_requests', `More than ${MAX_OPEN_REQUESTS} requests are open`);
    }
    return id;
  }

  /** Whether the answer is still wanted. */
  #takeServed(served: Served): boolean {
    const { requestId } = served;
    return this.#served.get(requestId) === served && this.#served.delete(requestId);
  }

  #answerHttp(served: Served, response: OutgoingResponse): void {
    const { requestId } = served;
    const { body } = response;
    if (!this.#takeServed(served)) {
      discardBody(body);
      return;
    }
    const bytes = response.status === 101 ? undefined : inlineBytes(body);
    if (body === undefined || bytes) {
      this.#sendOr(
        requestId,
        () => this.#sendResponse(requestId, response, undefined, bytes),
        () => this.#sendResponse(requestId, INTERNAL_ERROR),
      );
      return;
    }
    if (!this.#streams.canOpen) {
      discardBody(body);
      this.#sendResponse(requestId, { status: 503, headers: {} });
      return;
    }
    const stream = this.#streams.open();
    this.#sendOr(
      requestId,
      () => {
        this.#sendResponse(requestId, response, stream.id);
        stream.onClose((error) => error && served.abort(error));
        void pumpBody(body, stream);
      },
      () => {
        stream.fail(new StreamError('internal', 'The answer could not be sent'));
        discardBody(body);
        this.#sendResponse(requestId, INTERNAL_ERROR);
      },
    );
  }

  #sendResponse(requestId: string, response: OutgoingResponse, stream?: number, tail?: Uint8Array): void {
    const { status, headers } = response;
    const payload = { status, headers: headersRecord(headers), stream };
    this.#outbox.send(JSON.stringify({ type: 'http', request_id: requestId, payload }), tail);
  }

  /** Sends, or sends something else where that is too large for a frame, or has no JSON form. */
  #sendOr(requestId: string, send: () => void, instead: () => void): void {
    try {
      send();
    } catch (error) {
      this.#handlers.failed?.(error, requestId);
      instead();
    }
  }

  #cancel(requestId: string): void {
    const served = this.#served.get(requestId);
    if (!served) return;
    this.#served.delete(requestId);
    served.abort(new StreamError(CANCELLED.code, CANCELLED.message));
  }

  #request(type: 'http' | 'upgrade', head: RequestHead, options: HttpOptions): Promise<IncomingResponse> {
    const { body } = options;
    return new Promise((resolve, reject) => {
      let stream: SendStream | undefined;
      this.#requireReady();
      const id = this.#own.add(
        'http',
        options,
        (message, tail) => {
          try {
            resolve(this.#readResponse(type, message, tail, stream));
          } catch (error) {
            stream?.abort(CANCELLED);
            if (!(error instanceof RequestError)) this.#breakOff(error);
            reject(error instanceof RequestError ? error : (this.#closedError ?? (error as Error)));
          }
        },
        (error) => {
          stream?.abort(CANCELLED);
          reject(error);
        },
      );
      const send = (): void => {
        const bytes = type === 'upgrade' ? undefined : inlineBytes(body);
        if (body !== undefined && !bytes) {
          if (!this.#streams.canOpen) throw new RequestError('too_many_requests', 'As many streams as may be are open');
          stream = this.#streams.open();
        }
        const { method, path, base, headers, user, remote } = head;
        const record = headersRecord(headers);
        const payload = { method, path, base, headers: record, user, remote, stream: stream?.id };
        try {
          this.#outbox.send(JSON.stringify({ type, request_id: id, payload }), bytes);
        } catch (error) {
          stream?.fail(new StreamError('internal', 'The request could not be sent'));
          throw error;
        }
        if (body !== undefined && stream) void pumpBody(body, stream);
      };
      this.#sendRequest(id, send, () => discardBody(body));
    });
  }

  /** Throws `RequestError` `unusable_answer` for what concerns this request alone, else `ProtocolError`. */
  #readResponse(
    type: 'http' | 'upgrade',
    { payload }: MessageV2,
    tail: Uint8Array | undefined,
    requestStream: SendStream | undefined,
  ): IncomingResponse {
    let place: BodyPlace;
    try {
      place = bodyOf(payload, tail, 0);
    } catch (error) {
      throw error instanceof ProtocolError && error.reason === 'body_not_text' ? unusable(error) : error;
    }
    let head;
    try {
      head = decodeHttpResponseV2(payload, type === 'upgrade');
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      if (place.stream !== undefined) this.#streams.refuse(place.stream, 'unusable', error.message);
      throw unusable(error);
    }
    const stream = place.stream === undefined ? undefined : this.#streams.accept(place.stream);
    if (head.status === 101) {
      if (!stream) throw new ProtocolError('invalid_stream', 'An answer with status 101 needs a stream');
    } else if (stream) {
      stream.onClose((error) => requestStream?.abort(error ? CANCELLED : ANSWERED));
    } else {
      requestStream?.abort(ANSWERED);
    }
    return { ...head, body: stream ?? place.bytes, requestStream };
  }

  /** An answer to a cancelled request: its stream is not wanted either. */
  #refuseLate({ payload }: MessageV2): void {
    const { stream } = bodyOf(payload, undefined, 0);
    if (stream !== undefined) this.#streams.refuse(stream, CANCELLED.code, CANCELLED.message);
  }

  /** Sends a request in its turn, unless it was given up meanwhile. */
  #sendRequest(id: string, send: () => void, discard?: () => void): void {
    this.#outbox.whenWritable(() => {
      if (!this.#own.isOpen(id) || this.isClosed) {
        discard?.();
        return;
      }
      try {
        send();
      } catch (cause) {
        discard?.();
        const error =
          cause instanceof FrameError ? new RequestError('message_too_large', cause.message, { cause }) : cause;
        this.#own.drop(id, error as Error);
      }
    });
  }

  #notify(type: 'log' | 'event', payload: LogV2 | EventV2): boolean {
    if (this.isClosed || !this.#outbox.hasRoom) return false;
    this.#sendJson({ type, payload });
    return true;
  }

  #sendLifecycle(action: LifecycleActionV2, payload: object): void {
    this.#requireOpen();
    this.#sendJson({ type: 'lifecycle', action, timestamp: new Date().toISOString(), payload });
  }

  #sendJson(message: object): void {
    this.#outbox.send(JSON.stringify(message));
  }

  #requireOpen(): void {
    if (this.#closedError) throw this.#closedError;
  }

  #requireInitialised(): void {
    this.#requireOpen();
    if (this.#phase === 'new') throw new RequestError('not_ready', 'A request before init');
  }

  #requireReady(): void {
    this.#requireOpen();
    if (this.#phase !== 'ready') throw new RequestError('not_ready', 'A request before ready');
  }

  #requireGreetingFirst({ type, envelope }: MessageV2): void {
    if (type === 'ping' || (type === 'lifecycle' && field(envelope, 'action') === 'init')) return;
    throw new ProtocolError('unexpected_message', 'The first message of the host must be init');
  }

  #onlyFrom(role: 'host' | 'plugin', { type }: MessageV2): void {
    if (role !== this.role) return;
    throw new ProtocolError('unexpected_message', `A ${type} message of this kind does not come from this side`);
  }

  #onlyIn(phase: 'new' | 'initialised'): void {
    if (this.#phase !== phase) throw new ProtocolError('unexpected_message', 'A word of the handshake out of turn');
  }

  #breakOff(cause: unknown): void {
    const isTheirs = cause instanceof FrameError || cause instanceof ProtocolError;
    const message = isTheirs ? cause.message : 'The connection failed on this side';
    this.#shut(new ConnectionClosedError(isTheirs ? 'protocol' : 'local', message, { cause }));
  }

  #shut(error: ConnectionClosedError): void {
    if (this.#closedError) return;
    this.#closedError = error;
    const socket = this.#socket;
    this.#stopFrameDeadline();
    socket.off('data', this.#onData);
    socket.off('end', this.#onEnd);
    socket.off('error', this.#onBroken);
    socket.off('close', this.#onBroken);
    // An error of a socket without any listener would end the process.
    socket.on('error', () => undefined);
    this.#streams.failAll(error);
    this.#outbox.close();
    if (error.reason === 'local' && !socket.destroyed) this.#endSocket();
    else socket.destroy();
    this.#own.failAll(error);
    const served = [...this.#served.values()];
    this.#served.clear();
    for (const one of served) one.abort(error);
    this.#rejectGreeting(error);
    this.#resolveClosed(error);
  }

  /** Lets the other side have what was written, for as long as a write may take. */
  #endSocket(): void {
    const socket = this.#socket;
    const timer = setTimeout(() => socket.destroy(), this.#writeStallMs);
    socket.once('close', () => clearTimeout(timer));
    socket.once('finish', () => socket.destroy());
    socket.resume();
    socket.end();
  }

  #stopFrameDeadline(): void {
    clearTimeout(this.#frameDeadline);
    this.#frameDeadline = undefined;
  }
}

function unusable(cause: ProtocolError): RequestError {
  return new RequestError('unusable_answer', cause.message, { cause });
}
