import type { UserV2 } from '@toru/contracts';
import type { ReceiveStream, SendStream } from '@toru/protocol';
import type { ChannelRequestOptions } from './channel-request-options';

/** A request for a plugin that takes bytes and streams (version 2). */
export interface StreamingRequest {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  /** The plugin's route where `path` begins with it, else the empty string. */
  readonly base: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly user: UserV2 | null;
  /** The client's address. */
  readonly remote: string;
  readonly body: Uint8Array | AsyncIterable<Uint8Array> | null;
}

export interface StreamingResponse {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string | readonly string[]>;
  /** A stream must be read to its end, or cancelled. */
  readonly body: Uint8Array | ReceiveStream | undefined;
}

/** A WebSocket's handshake; its body is what follows. */
export type UpgradeRequest = Omit<StreamingRequest, 'body'>;

/** The raw bytes of an upgraded connection. Both streams must be brought to their ends, or broken off. */
export interface Tunnel {
  readonly toPlugin: SendStream;
  readonly fromPlugin: ReceiveStream;
}

/** With status 101 `tunnel` is there and `body` is not; any other status refuses, and is an answer like others. */
export interface UpgradeResponse extends StreamingResponse {
  readonly tunnel: Tunnel | undefined;
}

/** What only a channel of version 2 can do. */
export interface StreamingChannel {
  /** Resolves with the head of the answer. Fails like `PluginChannel.http`. */
  forward(request: StreamingRequest, options: ChannelRequestOptions): Promise<StreamingResponse>;

  /**
   * Asks for a WebSocket (RTE-6). Fails like `forward`; with `upgrade_unsupported` where the plugin did not say that it
   * takes any, and with `plugin_busy` where it has as many as it may have.
   */
  upgrade(request: UpgradeRequest, options: ChannelRequestOptions): Promise<UpgradeResponse>;
}
