/** The largest payload of one frame, in bytes (protocol §2). */
export const MAX_FRAME_BYTES = 16 * 1024 * 1024;

/** The longest path that fits `sun_path` with its terminating NUL, in bytes. Node cuts longer ones without a word. */
export const MAX_SOCKET_PATH_BYTES = 107;

/**
 * What every message of the host has; `request_id` is absent on lifecycle messages, `action` is theirs alone.
 * `timestamp` is RFC 3339 in UTC.
 */
export interface Envelope {
  readonly type: 'lifecycle' | 'http' | 'kv';
  readonly action?: 'init' | 'shutdown';
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
  /** A map is safe for any name; a record must have been made without assigning to `__proto__`. */
  readonly headers: ReadonlyMap<string, string> | Readonly<Record<string, string>>;
  readonly body: string | null;
}

/** An HTTP response after decoding, whichever of the forms of protocol §3 it came in. */
export interface HttpResponseV1 {
  /** 200..599: an interim answer (1xx) cannot be the only one. */
  readonly status: number;
  /** Names in lower case; names that differ only in case are one list. */
  readonly headers: ReadonlyMap<string, string | readonly string[]>;
  readonly body: string | null;
  /** The body was a JSON value and is its text now. */
  readonly bodyWasJson: boolean;
}

export type KvAction = 'get' | 'set' | 'delete';

/**
 * A key-value request, of a plugin after decoding or of the host before encoding. `value` belongs to `set` alone and is
 * always there then: a string, or the JSON text of what was no string.
 */
export interface KvRequestV1 {
  readonly action: KvAction;
  readonly key: string;
  readonly value?: string;
}

/** Why a key-value request was not carried out. `code` is for programs, `message` for people. */
export interface KvErrorV1 {
  readonly code: string;
  readonly message: string;
}

/** The answer to a key-value request. `value` is null where there is none, and beside an error. */
export interface KvAnswerV1 {
  readonly value: string | null;
  readonly error?: KvErrorV1;
}
