import type { HttpRequestV1, HttpResponseV1, InitV2, JsonObject, KvAction } from '@toru/contracts';
import type { ChannelRequestOptions } from './channel-request-options';
import type { StreamingChannel } from './plugin-streaming';

/** What `init` tells; version 1 takes the three fields that it knows. */
export type ChannelInit = Omit<InitV2, 'protocol' | 'features' | 'limits'>;

/**
 * The host's side of the talk with one process of a plugin. All failures are `AppError`s that name the plugin:
 * `plugin_error` (502), `plugin_timeout` (504), `plugin_busy` or `plugin_unavailable` (503), `unsupported_body` (415),
 * `payload_too_large` (413).
 */
export abstract class PluginChannel {
  /** Bytes and streams instead of texts; undefined in version 1. */
  readonly streaming?: StreamingChannel;

  /** Forwards an HTTP request (PRO-3). */
  abstract http(request: HttpRequestV1, options: ChannelRequestOptions): Promise<HttpResponseV1>;

  /** Asks the plugin for an operation on its own storage (KV-8). */
  abstract kv(
    action: KvAction,
    key: string,
    value: string | null,
    options: ChannelRequestOptions,
  ): Promise<string | null>;

  /**
   * Delivers `init`, and waits for `ready` where the protocol has it. Rejects with `PluginRefusedError` or
   * `PluginGreetingError`, which are final, or with any other error where another try may help: the socket does not accept,
   * or closes before anything was said.
   */
  abstract init(init: ChannelInit): Promise<void>;

  /** Hands changed settings over; false where the plugin takes them at its start alone. */
  applySettings(_settings: JsonObject): boolean {
    return false;
  }

  /** Delivers `shutdown`; rejects when the plugin cannot be asked. */
  abstract shutdown(): Promise<void>;

  /** Whether the socket answers; undefined where asking would get in the way of a busy plugin. */
  abstract probe(): Promise<boolean | undefined>;

  /** The process has ended: whatever is pending, or comes later, fails with `plugin_error` or `plugin_unavailable`. */
  abstract close(): void;
}

/** The plugin said that it will not run. With `license` and `config` it is of no use to start it again (LIC-3). */
export class PluginRefusedError extends Error {
  override readonly name = 'PluginRefusedError';

  constructor(
    readonly code: 'license' | 'config' | 'internal',
    message: string,
  ) {
    super(message);
  }
}

/** What the plugin answered to `init` breaks the protocol: its start has failed, however often it is asked. */
export class PluginGreetingError extends Error {
  override readonly name = 'PluginGreetingError';

  constructor(cause: Error) {
    super(`what it answered to init breaks the protocol: ${cause.message}`, { cause });
  }
}

/** What a channel tells about the plugin at its other end. */
export interface ChannelObserver {
  /** The one connection of a version 2 plugin has ended while its process lives; `reason` is half a sentence. */
  lost(reason: string): void;
  /** The plugin broke the protocol (PRO-8); `reason` is one sentence. */
  protocolError(reason: string): void;
  /** The plugin answered as it should. */
  answered(): void;
}
