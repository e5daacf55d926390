import type { Duplex } from 'node:stream';
import { DEFAULT_WINDOW_BYTES } from '@toru/contracts';
import type {
  EventV2,
  FailedV2,
  InitV2,
  KvActionV2,
  KvAnswersV2,
  KvRequestV2,
  LogV2,
  ReadyV2,
  SettingsV2,
  ShutdownV2,
} from '@toru/contracts';
import { ProtocolError } from '../protocol-error';
import { AskingSide } from './asking-side';
import type { HttpOptions } from './asking-side';
import type { ConnectionClosedError } from './connection-errors';
import { callHandler } from './handler-calls';
import type { RequestHead } from './http-v2';
import { isKvRequestV2 } from './kv-v2';
import { requestIdOf, requireSender } from './message-v2';
import type { MessageV2 } from './message-v2';
import { decodeEventV2, decodeLogV2 } from './notifications-v2';
import type { OutgoingBody } from './outgoing-body';
import type { RequestOptions } from './own-requests';
import { PeerLifecycle } from './peer-lifecycle';
import type { Greeting } from './peer-lifecycle';
import { PeerLink } from './peer-link';
import type { IncomingResponse, PeerHandlers, PeerOptions } from './peer-options';
import { ServingSide } from './serving-side';
import { StreamTable } from './stream-table';

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

  readonly #handlers: PeerHandlers;
  readonly #link: PeerLink;
  readonly #streams: StreamTable;
  readonly #lifecycle: PeerLifecycle;
  readonly #asking: AskingSide;
  readonly #serving: ServingSide;

  constructor(socket: Duplex, options: PeerOptions) {
    this.role = options.role;
    this.#handlers = options.handlers ?? {};
    this.#link = new PeerLink(socket, options, {
      onMessage: (message, tail) => this.#receive(message, tail),
      // Bytes come after `ready` alone, which is long after the greeting.
      onBytes: (stream, bytes) => this.#streams.receiveBytes(stream, bytes),
      onClosed: (error) => this.#failAll(error),
    });
    const window = options.windowBytes ?? DEFAULT_WINDOW_BYTES;
    this.#streams = new StreamTable(this.#link.outbox, this.role === 'host' ? 1 : 0, window);
    this.#lifecycle = new PeerLifecycle(this.role, this.#link, this.#streams, this.#handlers);
    this.#asking = new AskingSide(this.#link, this.#streams);
    this.#serving = new ServingSide(this.#link, this.#streams, this.#handlers);
    this.#link.open();
  }

  /** Resolves when the connection is closed, with the reason. */
  get closed(): Promise<ConnectionClosedError> {
    return this.#link.closed;
  }

  /** The first word of the other side; see the helpers of the handshake. Rejects with `ConnectionClosedError`. */
  get greeting(): Promise<Greeting> {
    return this.#lifecycle.greeting;
  }

  get isClosed(): boolean {
    return this.#link.error !== undefined;
  }

  /** Whether `ready` has passed. */
  get isReady(): boolean {
    return this.#lifecycle.isReady && !this.isClosed;
  }

  /** What is open, of both sides; for draining and for metrics. */
  get load(): { readonly requests: number; readonly serving: number; readonly streams: number } {
    return { requests: this.#asking.size, serving: this.#serving.size, streams: this.#streams.size };
  }

  /** Host: an HTTP request, of whose answer the head is there. Rejects with `RequestError` or `ConnectionClosedError`. */
  http(head: RequestHead, options: HttpOptions = {}): Promise<IncomingResponse> {
    const refusal = this.#lifecycle.refusal;
    if (refusal) return Promise.reject(refusal);
    return this.#asking.http('http', head, options);
  }

  /**
   * Host: a request for another protocol (§10). `body` gets the stream of the client's bytes, and should be a function or
   * wait for the answer. With status 101 `body` of the answer is a stream; any other status refuses.
   */
  upgrade(head: RequestHead, options: HttpOptions & { readonly body: OutgoingBody }): Promise<IncomingResponse> {
    const refusal = this.#lifecycle.refusal;
    if (refusal) return Promise.reject(refusal);
    return this.#asking.http('upgrade', head, options);
  }

  /**
   * A key-value operation (§8). Rejects with `KvRefusedError` where the other side answered with an error, else with
   * `RequestError` or `ConnectionClosedError`.
   */
  async kv<A extends KvActionV2>(
    request: Extract<KvRequestV2, { action: A }>,
    options: RequestOptions = {},
  ): Promise<KvAnswersV2[A]> {
    this.#lifecycle.requireInitialised();
    return this.#asking.kv(request, options);
  }

  /** Whether the other side reads: rejects with `RequestError` `timeout` if it does not answer in time. */
  async ping(timeoutMs: number): Promise<void> {
    this.#link.requireOpen();
    return this.#asking.ping(timeoutMs);
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
    this.#lifecycle.sendInit(init);
  }

  /** Plugin: routes are open from here on. */
  sendReady(ready: ReadyV2): void {
    this.#lifecycle.sendReady(ready);
  }

  /** Plugin: it cannot run; to be followed by `close` and the end of the process. */
  sendFailed(failed: FailedV2): void {
    this.#lifecycle.sendFailed(failed);
  }

  /** Host. */
  sendShutdown(shutdown: ShutdownV2): void {
    this.#lifecycle.sendShutdown(shutdown);
  }

  /** Host. */
  sendSettings(settings: SettingsV2): void {
    this.#lifecycle.sendSettings(settings);
  }

  /** Sends what waits, closes, and resolves when the socket is gone. Whatever is pending ends now. Any number of times. */
  close(): Promise<void> {
    return this.#link.close();
  }

  /** Throws `ProtocolError` for what the other side may not do. */
  #receive(message: MessageV2, tail: Uint8Array | undefined): void {
    this.#lifecycle.requireGreeting(message);
    switch (message.type) {
      case 'data':
        this.#streams.receive(message, tail);
        break;
      case 'http':
        if (this.role === 'plugin') this.#serveHttp(message, tail);
        else this.#asking.receive(message, tail);
        break;
      case 'upgrade':
        requireSender('host', this.role, message);
        this.#serveHttp(message, tail);
        break;
      case 'kv':
        if (isKvRequestV2(message.payload)) this.#serving.kv(message);
        else this.#asking.receive(message, undefined);
        break;
      case 'cancel':
        this.#serving.cancel(message);
        break;
      case 'ping':
        this.#link.sendJson({ type: 'pong', request_id: requestIdOf(message) });
        break;
      case 'pong':
        this.#asking.receive(message, undefined);
        break;
      case 'lifecycle':
        this.#lifecycle.receive(message);
        break;
      case 'log':
        requireSender('plugin', this.role, message);
        this.#receiveNotification('log', () => callHandler(this.#handlers, 'log', decodeLogV2(message.payload)));
        break;
      case 'event':
        requireSender('plugin', this.role, message);
        this.#receiveNotification('event', () => callHandler(this.#handlers, 'event', decodeEventV2(message.payload)));
        break;
      default:
      // Types of versions to come.
    }
  }

  #serveHttp(message: MessageV2, tail: Uint8Array | undefined): void {
    if (!this.#lifecycle.isReady) throw new ProtocolError('unexpected_message', 'A request before ready');
    this.#serving.http(message, tail);
  }

  #receiveNotification(type: string, receive: () => void): void {
    try {
      receive();
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#handlers.ignored?.(type, error);
    }
  }

  #notify(type: 'log' | 'event', payload: LogV2 | EventV2): boolean {
    if (this.isClosed || !this.#link.outbox.hasRoom) return false;
    this.#link.sendJson({ type, payload });
    return true;
  }

  #failAll(error: ConnectionClosedError): void {
    this.#streams.failAll(error);
    this.#asking.failAll(error);
    this.#serving.failAll(error);
    this.#lifecycle.fail(error);
  }
}
