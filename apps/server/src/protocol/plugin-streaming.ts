import type { UserV2 } from '@toru/contracts';
import type { ReceiveStream } from '@toru/protocol';
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

/** What only a channel of version 2 can do. */
export interface StreamingChannel {
  /** Resolves with the head of the answer. Fails like `PluginChannel.http`. */
  forward(request: StreamingRequest, options: ChannelRequestOptions): Promise<StreamingResponse>;
}
