import {
  DEFAULT_WINDOW_BYTES,
  FEATURES_V2,
  MAX_FRAME_BYTES,
  type HttpRequestV1,
  type HttpResponseV1,
  type JsonObject,
  type KvAction,
} from '@toru/contracts';
import {
  connectSocket,
  initialise,
  PeerConnection,
  RequestError,
  type HttpOptions,
  type IncomingResponse,
  type OutgoingBody,
  type PeerHandlers,
} from '@toru/protocol';
import { AppError, errorMessage } from '../common';
import { bufferedBody } from './buffered-body';
import { ConcurrencyLimit, type Places } from './concurrency-limit';
import type { ChannelRequestOptions } from './channel-request-options';
import type { MessageHandlers } from './message-handlers';
import {
  PluginChannel,
  PluginGreetingError,
  PluginRefusedError,
  type ChannelInit,
  type ChannelObserver,
} from './plugin-channel';
import type {
  StreamingChannel,
  StreamingRequest,
  StreamingResponse,
  UpgradeRequest,
  UpgradeResponse,
} from './plugin-streaming';
import { SocketSlots } from './socket-slots';
import { textOf } from './text-answer';
import { breaksProtocol, toAppError } from './v2-errors';

export interface V2ChannelOptions {
  readonly pluginId: string;
  readonly socketPath: string;
  readonly handlers: MessageHandlers;
  readonly observer: ChannelObserver;
  /** From `init` to `ready`, in milliseconds. */
  readonly readyTimeoutMs: number;
  /** For a pong, in milliseconds. */
  readonly pingTimeoutMs: number;
  /** What `shutdown` tells the plugin, in milliseconds. */
  readonly shutdownGraceMs: number;
  /** How many WebSockets the plugin may have at once. */
  readonly maxSockets: number;
  /** How many requests it has at once, until their answers are complete, and how many wait beside them. */
  readonly places: Places;
}

const CONNECT_TIMEOUT_MS = 2_000;

/** Version 2: one connection for the life of the process, any number of requests at once. */
export class V2Channel extends PluginChannel implements StreamingChannel {
  override readonly streaming: StreamingChannel = this;
  private connection: PeerConnection | undefined;
  private closed = false;
  /** What the plugin said in `ready` that it does. */
  private features: ReadonlySet<string> = new Set();
  private readonly sockets: SocketSlots;
  private readonly limit: ConcurrencyLimit;

  constructor(private readonly options: V2ChannelOptions) {
    super();
    this.sockets = new SocketSlots(options.maxSockets);
    this.limit = new ConcurrencyLimit(options.places);
  }

  async forward(request: StreamingRequest, options: ChannelRequestOptions): Promise<StreamingResponse> {
    if (!this.limit.tryTake(options.places)) await this.limit.take(options.signal, options.places);
    let isOver = true;
    try {
      options.onGiven?.();
      const { body: given } = request;
      const body = given === null || this.features.has('stream') ? given : await bufferedBody(given);
      const answer = await this.open().http(request, requestOptions(options, body ?? undefined));
      this.options.observer.answered();
      if (answer.body !== undefined && !(answer.body instanceof Uint8Array)) {
        isOver = false;
        answer.body.onClose(this.giveBack);
      }
      return answer;
    } catch (error) {
      throw this.failed(error);
    } finally {
      if (isOver) this.limit.giveBack();
    }
  }

  async upgrade(request: UpgradeRequest, options: ChannelRequestOptions): Promise<UpgradeResponse> {
    const connection = this.open();
    if (!this.features.has('upgrade')) throw this.error('upgrade_unsupported', 'The plugin takes no WebSockets.');
    this.sockets.take();
    options.onGiven?.();
    let tunnel: UpgradeResponse['tunnel'];
    try {
      const response = await this.shakeHands(connection, request, options);
      const { status, headers, body: fromPlugin, requestStream: toPlugin } = response;
      if (status !== 101 || toPlugin === undefined || fromPlugin === undefined || fromPlugin instanceof Uint8Array) {
        return { ...response, tunnel };
      }
      tunnel = { toPlugin, fromPlugin };
      return { status, headers, body: undefined, tunnel };
    } finally {
      if (tunnel === undefined) this.sockets.giveBack();
      else this.sockets.giveBackAfter(tunnel);
    }
  }

  /** For what the host itself asks: a text in, a text out. */
  override async http(request: HttpRequestV1, options: ChannelRequestOptions): Promise<HttpResponseV1> {
    const response = await this.forward(
      {
        method: request.method,
        path: request.path,
        base: '',
        headers: plainHeaders(request.headers),
        user: null,
        remote: '',
        body: request.body === null ? null : Buffer.from(request.body),
      },
      options,
    );
    return {
      status: response.status,
      headers: response.headers,
      body: await textOf(response.body, this.options.pluginId),
      bodyWasJson: false,
    };
  }

  override async kv(
    action: KvAction,
    key: string,
    value: string | null,
    { signal, deadlineMs }: ChannelRequestOptions,
  ): Promise<string | null> {
    const options = { signal, deadlineMs };
    try {
      const connection = this.open();
      if (action === 'get') return (await connection.kv<'get'>({ action, key }, options)).value;
      if (action === 'set') await connection.kv<'set'>({ action, key, value: value ?? '' }, options);
      else await connection.kv<'delete'>({ action, key }, options);
      return null;
    } catch (error) {
      throw toAppError(error, this.options.pluginId);
    }
  }

  override async init(init: ChannelInit): Promise<void> {
    const { socketPath, observer, readyTimeoutMs } = this.options;
    const socket = await connectSocket({ socketPath, connectTimeoutMs: CONNECT_TIMEOUT_MS });
    const connection = new PeerConnection(socket, { role: 'host', handlers: this.handlers() });
    if (this.closed) await connection.close();
    this.connection = connection;
    try {
      const limits = { max_frame: MAX_FRAME_BYTES, window: DEFAULT_WINDOW_BYTES };
      const result = await initialise(
        connection,
        { ...init, protocol: 2, features: [...FEATURES_V2], limits },
        readyTimeoutMs,
      );
      if (!result.ok) throw new PluginRefusedError(result.failed.code, result.failed.message);
      this.features = new Set(result.ready.features);
    } catch (error) {
      await connection.close();
      if (!breaksProtocol(error)) throw error;
      observer.protocolError(error.message);
      throw new PluginGreetingError(error);
    }
    void connection.closed.then((error) => {
      if (error.reason === 'protocol') observer.protocolError(error.message);
      if (error.reason !== 'local') observer.lost(`its connection to the host ended: ${error.message}`);
    });
  }

  override applySettings(settings: JsonObject): boolean {
    if (!this.features.has('settings')) return false;
    this.open().sendSettings({ settings });
    return true;
  }

  override shutdown(): Promise<void> {
    return new Promise((resolve) => {
      this.open().sendShutdown({ grace_ms: this.options.shutdownGraceMs });
      resolve();
    });
  }

  /** The SDK's reader answers, whatever the handlers do: silence means that the process hangs (SUP-5). */
  override async probe(): Promise<boolean | undefined> {
    if (this.connection === undefined || this.connection.isClosed) return undefined;
    return this.connection.ping(this.options.pingTimeoutMs).then(
      () => true,
      (error: unknown) => (error instanceof RequestError ? false : undefined),
    );
  }

  override close(): void {
    this.closed = true;
    this.limit.close(this.error('plugin_unavailable', 'The plugin ended before it got to this request.'));
    void this.connection?.close();
  }

  private async shakeHands(
    connection: PeerConnection,
    request: UpgradeRequest,
    options: ChannelRequestOptions,
  ): Promise<IncomingResponse> {
    try {
      // the stream of the client's bytes is taken from the answer
      const body = (): void => undefined;
      const response = await connection.upgrade(request, { ...requestOptions(options), body });
      this.options.observer.answered();
      return response;
    } catch (error) {
      throw this.failed(error);
    }
  }

  /** Tells the observer what the plugin did wrong; gives the failure in the host's own terms. */
  private failed(error: unknown): unknown {
    if (error instanceof RequestError && error.kind === 'unusable_answer') {
      this.options.observer.protocolError(error.message);
    }
    return toAppError(error, this.options.pluginId);
  }

  private readonly giveBack = (): void => {
    this.limit.giveBack();
  };

  private open(): PeerConnection {
    if (this.connection !== undefined && !this.connection.isClosed) return this.connection;
    throw this.error('plugin_unavailable', 'The plugin is not running.');
  }

  private handlers(): PeerHandlers {
    const { pluginId, handlers, observer } = this.options;
    return {
      kv: (request) => handlers.kvV2(pluginId, request),
      log: (log) => {
        handlers.log(pluginId, log);
      },
      event: (event) => {
        handlers.event(pluginId, event);
      },
      ignored: (type, reason) => {
        observer.protocolError(`a ${type} was ignored: ${reason.message}`);
      },
      failed: (error, about) => {
        observer.protocolError(`what it asked could not be answered (${about}): ${errorMessage(error)}`);
      },
    };
  }

  private error(code: 'plugin_error' | 'plugin_unavailable' | 'upgrade_unsupported', detail: string): AppError {
    return new AppError(code, detail, { plugin: this.options.pluginId });
  }
}

/** A deadline without end is none. */
function requestOptions({ signal, deadlineMs }: ChannelRequestOptions, body?: OutgoingBody): HttpOptions {
  const options = { signal, deadlineMs: Number.isFinite(deadlineMs) ? deadlineMs : undefined };
  return body === undefined ? options : { ...options, body };
}

function plainHeaders(headers: HttpRequestV1['headers']): Readonly<Record<string, string>> {
  return isMap(headers) ? Object.fromEntries<string>(headers) : headers;
}

function isMap(headers: HttpRequestV1['headers']): headers is ReadonlyMap<string, string> {
  return headers instanceof Map;
}
