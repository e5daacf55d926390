import type { JsonValue } from './plugin-metadata';

/** The largest payload of one frame, in bytes (protocol §2). */
export const MAX_FRAME_BYTES = 16 * 1024 * 1024;

/** The longest path that fits `sun_path` with its terminating NUL, in bytes. Node cuts longer ones without a word. */
export const MAX_SOCKET_PATH_BYTES = 107;

/** What every message has; `request_id` is absent on lifecycle messages. `timestamp` is RFC 3339 in UTC. */
export interface Envelope {
  readonly type: 'lifecycle' | 'http' | 'kv';
  readonly timestamp: string;
  readonly request_id?: string;
  readonly payload: unknown;
}

/** The payload of `init` (PRO-2). */
export interface InitV1 {
  readonly instance_id: string;
  readonly plugin_socket: string;
  readonly log_path: string;
}

/** An HTTP request as version 1 carries it: the body is text or nothing. */
export interface HttpRequestV1 {
  readonly method: string;
  /** Path and query, beginning with `/`. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
}

/** An HTTP response after decoding, whichever of the forms of protocol §3 it came in. */
export interface HttpResponseV1 {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string | readonly string[]>;
  readonly body: string | null;
  /** The body was a JSON value and is its text now. */
  readonly bodyWasJson: boolean;
}

export type KvAction = 'get' | 'set' | 'delete';

/** A key-value request of a plugin, after decoding. `value` belongs to `set` alone. */
export interface KvRequestV1 {
  readonly action: KvAction;
  readonly key: string;
  readonly value?: JsonValue;
}
