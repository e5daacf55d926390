import type { Envelope, HttpRequestV1, HttpResponseV1, KvAction } from '@toru/contracts';
import {
  type AbortSignalLike,
  decodeHttpResponse,
  decodeKvAnswer,
  encodeHttpRequest,
  encodeInit,
  encodeKvRequest,
  encodeShutdown,
  ExchangeError,
  exchangeV1,
  FrameError,
  probeV1,
  sendV1,
  type MessageV1,
} from '@toru/protocol';
import { AppError, Ending, timestamp, type Clock } from '../common';
import { ConcurrencyLimit, type Places } from './concurrency-limit';
import type { ChannelRequestOptions } from './channel-request-options';
import type { MessageHandlers } from './message-handlers';
import { PluginChannel, type ChannelInit, type ChannelObserver } from './plugin-channel';

export interface V1ChannelOptions {
  readonly pluginId: string;
  readonly socketPath: string;
  readonly clock: Clock;
  /** How many connections the plugin gets at once, and how many requests wait beside them. */
  readonly places: Places;
  readonly handlers: MessageHandlers;
  readonly observer: ChannelObserver;
}

/** For the kernel to accept: it does so for the plugin while its backlog has room. */
const CONNECT_TIMEOUT_MS = 2_000;
/** From the first byte of a frame to its last. */
const FRAME_DEADLINE_MS = 10_000;
/** For a plugin to take a lifecycle message. */
const LIFECYCLE_TIMEOUT_MS = 1_000;
/** For it to close the connection of one, before the host does. */
const LIFECYCLE_LINGER_MS = 250;

/** Version 1 (protocol §3): a connection for each message, one message in flight on it. */
export class V1Channel extends PluginChannel {
  private readonly limit: ConcurrencyLimit;
  private readonly ended = new Ending();

  constructor(private readonly options: V1ChannelOptions) {
    super();
    this.limit = new ConcurrencyLimit(options.places);
  }

  override http(request: HttpRequestV1, options: ChannelRequestOptions): Promise<HttpResponseV1> {
    const message = encodeHttpRequest(options.requestId, request, this.now());
    return this.exchange(message, decodeHttpResponse, options);
  }

  override async kv(
    action: KvAction,
    key: string,
    value: string | null,
    options: ChannelRequestOptions,
  ): Promise<string | null> {
    const request = { action, key, ...(value === null ? {} : { value }) };
    const message = encodeKvRequest(options.requestId, request, this.now());
    const answer = await this.exchange(message, decodeKvAnswer, options);
    if (answer.error !== undefined) {
      throw this.error('plugin_error', `The plugin refused the operation: ${answer.error.message.slice(0, 300)}`);
    }
    return answer.value;
  }

  override init(init: ChannelInit): Promise<void> {
    return this.send(encodeInit(init, this.now()));
  }

  override shutdown(): Promise<void> {
    return this.send(encodeShutdown(this.now()));
  }

  /** A connect would stand in the queue of a sequential plugin, so only an idle one is asked (protocol §3). */
  override async probe(): Promise<boolean | undefined> {
    if (this.limit.load > 0) return undefined;
    return probeV1({ socketPath: this.options.socketPath, timeoutMs: LIFECYCLE_TIMEOUT_MS }).then(
      () => true,
      (error: unknown) => {
        // what the host lacks says nothing about the plugin: it must not be ended for it
        const isOurs = error instanceof ExchangeError && error.kind === 'host_exhausted';
        return isOurs || this.ended.aborted ? undefined : false;
      },
    );
  }

  override close(): void {
    this.limit.close(this.error('plugin_unavailable', 'The plugin ended before it got to this request.'));
    this.ended.abort(this.error('plugin_error', 'The plugin ended while it handled the request.'));
  }

  private async exchange<T>(
    message: Envelope,
    decode: (message: MessageV1) => T,
    { requestId, signal, deadlineMs, places, onGiven }: ChannelRequestOptions,
  ): Promise<T> {
    const release = await this.limit.acquire(signal, places);
    const ending = new Ending();
    const onAbort = (): void => {
      ending.abort(signal.reason);
    };
    const onEnded = (): void => {
      ending.abort(this.ended.reason);
    };
    if (signal.aborted) onAbort();
    if (this.ended.aborted) onEnded();
    signal.addEventListener('abort', onAbort);
    this.ended.addEventListener('abort', onEnded);
    try {
      onGiven?.();
      const answer = await exchangeV1({
        socketPath: this.options.socketPath,
        message,
        requestId,
        decode,
        deadlineMs,
        connectTimeoutMs: CONNECT_TIMEOUT_MS,
        frameDeadlineMs: FRAME_DEADLINE_MS,
        onKvRequest: async (request) => {
          const reply = await this.options.handlers.kv(this.options.pluginId, request);
          return reply.error === undefined ? { value: reply.value } : { error: reply.error };
        },
        signal: ending,
      });
      this.options.observer.answered();
      return answer;
    } catch (error) {
      throw this.translate(error, signal);
    } finally {
      signal.removeEventListener('abort', onAbort);
      this.ended.removeEventListener('abort', onEnded);
      release();
    }
  }

  /** Why there is no answer, for whoever asked. What the plugin did wrong is told to the supervisor too. */
  private translate(error: unknown, signal: AbortSignalLike): unknown {
    if (!(error instanceof ExchangeError)) return error;
    switch (error.kind) {
      case 'aborted':
        return signal.aborted ? signal.reason : this.ended.reason;
      case 'timeout':
      case 'write_stalled':
        return this.error('plugin_timeout', `${error.message}.`, error);
      case 'message_too_large':
        return this.error('payload_too_large', 'The request does not fit into one message to the plugin.', error);
      case 'protocol':
        this.options.observer.protocolError(error.message);
        return this.error(
          'plugin_error',
          `The plugin answered with what the protocol does not allow: ${error.message}.`,
          error,
        );
      case 'connection_closed':
        if (error.cause instanceof FrameError) this.options.observer.protocolError(error.message);
        return this.error('plugin_error', `${error.message}. Its log may tell why.`, error);
      case 'host_exhausted':
        return this.error(
          'plugin_busy',
          `The host cannot reach the plugin now: ${error.message}. Try again later.`,
          error,
        );
      case 'connect_failed':
      case 'invalid_socket_path':
        return this.error('plugin_error', `${error.message}. Its log may tell why.`, error);
    }
  }

  private async send(message: Envelope): Promise<void> {
    await sendV1({
      socketPath: this.options.socketPath,
      message,
      connectTimeoutMs: LIFECYCLE_TIMEOUT_MS,
      flushTimeoutMs: LIFECYCLE_TIMEOUT_MS,
      lingerMs: LIFECYCLE_LINGER_MS,
    });
  }

  private error(
    code: 'plugin_busy' | 'plugin_error' | 'plugin_timeout' | 'plugin_unavailable' | 'payload_too_large',
    detail: string,
    cause?: unknown,
  ): AppError {
    return new AppError(code, detail, { plugin: this.options.pluginId, ...(cause === undefined ? {} : { cause }) });
  }

  private now(): string {
    return timestamp(this.options.clock.now());
  }
}
