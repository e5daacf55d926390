import type { JsonObject, JsonValue } from './plugin-metadata';

/** Bytes of one stream that a sender may have sent without credit, where `init` says nothing else (protocol v2 §3). */
export const DEFAULT_WINDOW_BYTES = 262_144;

/** The longest tail of a `data` message, and of a body beside its head, by custom: so streams take turns (§5, §6). */
export const MAX_DATA_BYTES = 65_536;

/** The bit of the first integer that says: a frame with a tail (§1). */
export const TAIL_BIT = 0x8000_0000;

/** Requests that one side may have open at a time, and streams that it may send at a time (§2, §6). */
export const MAX_OPEN_REQUESTS = 1024;
export const MAX_OPEN_STREAMS = 1024;

/** The longest `request_id`, in characters (§2). */
export const MAX_REQUEST_ID_CHARS_V2 = 128;

export type FeatureV2 = 'stream' | 'upgrade' | 'kv' | 'log' | 'event' | 'settings';

/** All features of this version, in the order of the contract (§3). */
export const FEATURES_V2: readonly FeatureV2[] = ['stream', 'upgrade', 'kv', 'log', 'event', 'settings'];

export type MessageTypeV2 =
  'lifecycle' | 'ping' | 'pong' | 'http' | 'upgrade' | 'data' | 'cancel' | 'kv' | 'log' | 'event';

/** What every message has (§2). Which fields a type needs is said with the type. */
export interface EnvelopeV2 {
  readonly type: MessageTypeV2;
  /** On `lifecycle` only. */
  readonly action?: LifecycleActionV2;
  readonly request_id?: string;
  /** RFC 3339, UTC; on `lifecycle` always. */
  readonly timestamp?: string;
  readonly payload?: JsonObject;
}

export type LifecycleActionV2 = 'init' | 'ready' | 'failed' | 'shutdown' | 'settings';

/** What both sides keep to; in bytes. */
export interface LimitsV2 {
  /**
   * The largest `n` of a frame (§1).
   *
   * @asType integer
   * @minimum 1
   * @maximum 16777216
   */
  readonly max_frame: number;
  /**
   * Bytes of one stream that may be sent without credit.
   *
   * @asType integer
   * @minimum 1
   */
  readonly window: number;
}

/** `lifecycle`/`init`, host → plugin. */
export interface InitV2 {
  readonly protocol: 2;
  readonly features: readonly string[];
  readonly plugin_id: string;
  readonly instance_id: string;
  readonly plugin_socket: string;
  readonly log_path: string;
  readonly data_dir: string;
  readonly settings: JsonObject;
  readonly license_key: string | null;
  readonly limits: LimitsV2;
}

/** `lifecycle`/`ready`, plugin → host. */
export interface ReadyV2 {
  readonly protocol: 2;
  /** Those of the offered ones that the plugin uses. */
  readonly features: readonly string[];
}

/** After `license` and `config` the host does not try again. */
export type FailureCodeV2 = 'license' | 'config' | 'internal';

/** `lifecycle`/`failed`, plugin → host. */
export interface FailedV2 {
  readonly code: FailureCodeV2;
  readonly message: string;
}

/** `lifecycle`/`shutdown`, host → plugin. */
export interface ShutdownV2 {
  /**
   * Milliseconds for what is in flight.
   *
   * @asType integer
   * @minimum 0
   */
  readonly grace_ms: number;
}

/** `lifecycle`/`settings`, host → plugin: all settings, valid against the plugin's schema. */
export interface SettingsV2 {
  readonly settings: JsonObject;
}

/** Who makes a request, as the host knows them. */
export interface UserV2 {
  readonly id: string;
  readonly name: string;
  readonly role: string;
}

/** Names in lower case. */
export type HeadersV2 = Readonly<Record<string, string | readonly string[]>>;

/** `http` and `upgrade`, host → plugin (§5, §10). */
export interface HttpRequestV2 {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  /** The plugin's route (`/acme`) where `path` is the full one, else the empty string. */
  readonly base: string;
  readonly headers: HeadersV2;
  /** Null on a public path without a caller. */
  readonly user: UserV2 | null;
  readonly remote: string;
  /**
   * The odd number of the stream that the body comes on.
   *
   * @asType integer
   * @minimum 1
   * @maximum 9007199254740991
   */
  readonly stream?: number;
  /** A body of text, from authors who write frames by hand. */
  readonly body?: string | null;
}

/** `http`, plugin → host (§5). */
export interface HttpResponseV2 {
  /**
   * 200 to 599, and 101 as the answer to `upgrade`.
   *
   * @asType integer
   * @minimum 101
   * @maximum 599
   */
  readonly status: number;
  readonly headers: HeadersV2;
  /**
   * The even number of the stream that the body comes on.
   *
   * @asType integer
   * @minimum 2
   * @maximum 9007199254740990
   * @multipleOf 2
   */
  readonly stream?: number;
  readonly body?: string | null;
}

/** Why something was broken off or refused: `code` for programs, `message` for people. */
export interface WireErrorV2 {
  readonly code: string;
  readonly message: string;
}

/** `data`, both directions (§6). Bytes are the tail. */
export interface DataV2 {
  /**
   * @asType integer
   * @minimum 1
   * @maximum 9007199254740991
   */
  readonly stream: number;
  /** From the stream's sender: it is complete. */
  readonly end?: true;
  /** From either side: it is broken off. */
  readonly error?: WireErrorV2;
  /**
   * From the stream's receiver: so many more bytes may be sent.
   *
   * @asType integer
   * @minimum 1
   * @maximum 9007199254740991
   */
  readonly credit?: number;
}

export interface KvGetV2 {
  readonly action: 'get';
  readonly key: string;
}

export interface KvSetV2 {
  readonly action: 'set';
  readonly key: string;
  readonly value: string;
  /**
   * Milliseconds until it is gone.
   *
   * @asType integer
   * @minimum 1
   */
  readonly ttl_ms?: number;
  /**
   * 0: only if there is no such key.
   *
   * @asType integer
   * @minimum 0
   */
  readonly if_revision?: number;
}

export interface KvDeleteV2 {
  readonly action: 'delete';
  readonly key: string;
  /**
   * @asType integer
   * @minimum 0
   */
  readonly if_revision?: number;
}

export interface KvListV2 {
  readonly action: 'list';
  readonly prefix?: string;
  readonly cursor?: string;
  /**
   * 1 to 1000, 100 where it is absent.
   *
   * @asType integer
   * @minimum 1
   * @maximum 1000
   */
  readonly limit?: number;
}

export type KvOperationV2 = KvGetV2 | KvSetV2 | KvDeleteV2;

export interface KvBatchV2 {
  readonly action: 'batch';
  /**
   * Up to 100; all of them are done or none.
   *
   * @maxItems 100
   */
  readonly operations: readonly KvOperationV2[];
}

/** `kv` with an action (§8). */
export type KvRequestV2 = KvOperationV2 | KvListV2 | KvBatchV2;
export type KvActionV2 = KvRequestV2['action'];

export interface KvGetAnswerV2 {
  readonly value: string | null;
  /**
   * 0 for none.
   *
   * @asType integer
   * @minimum 0
   */
  readonly revision: number;
}

export interface KvSetAnswerV2 {
  /**
   * @asType integer
   * @minimum 1
   */
  readonly revision: number;
}

export interface KvDeleteAnswerV2 {
  readonly deleted: boolean;
}

export interface KvItemV2 {
  readonly key: string;
  readonly value: string;
  /**
   * @asType integer
   * @minimum 1
   */
  readonly revision: number;
}

export interface KvListAnswerV2 {
  readonly items: readonly KvItemV2[];
  readonly cursor: string | null;
}

export type KvOperationAnswerV2 = KvGetAnswerV2 | KvSetAnswerV2 | KvDeleteAnswerV2;

export interface KvBatchAnswerV2 {
  readonly results: readonly KvOperationAnswerV2[];
}

/** The answer of each action where it was carried out. */
export interface KvAnswersV2 {
  readonly get: KvGetAnswerV2;
  readonly set: KvSetAnswerV2;
  readonly delete: KvDeleteAnswerV2;
  readonly list: KvListAnswerV2;
  readonly batch: KvBatchAnswerV2;
}

export type KvErrorCodeV2 =
  | 'kv_key_invalid'
  | 'kv_value_invalid'
  | 'kv_value_too_large'
  | 'kv_quota_exceeded'
  | 'kv_conflict'
  | 'kv_cursor_invalid'
  | 'storage_unavailable'
  | 'invalid_request';

/** `kv` without an action (§8); a refused operation is answered with `error` alone. */
export type KvAnswerV2 = KvAnswersV2[KvActionV2] | { readonly error: WireErrorV2 };

export const LOG_LEVELS_V2 = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const;
export type LogLevelV2 = (typeof LOG_LEVELS_V2)[number];

/** `log`, plugin → host (§9). */
export interface LogV2 {
  readonly level: LogLevelV2;
  readonly message: string;
  readonly fields?: JsonObject;
  readonly error?: JsonValue;
}

/** What the name of an `event` looks like (§9). */
export const EVENT_NAME_V2 = /^[a-z][a-z0-9_.-]{0,63}$/;

/** `event`, plugin → host (§9). */
export interface EventV2 {
  /** @pattern ^[a-z][a-z0-9_.-]{0,63}$ */
  readonly name: string;
  readonly data?: JsonObject;
}
