import type { InitV1 } from './wire-v1';

/**
 * Every message of version 1 as it stands on the wire: what the host sends, with tags and ids in both places, and every
 * form that it takes from a plugin. The JSON Schemas in `schema/v1` are generated from these types; `docs/protocol.md` says
 * what they mean.
 */

/**
 * RFC 3339, UTC.
 *
 * @pattern ^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|\+00:00)$
 */
export type TimestampV1 = string;

/**
 * @minLength 1
 * @maxLength 128
 */
export type RequestIdV1 = string;

/** Any JSON value: one that is no string and not null is sent to the client as its JSON text. */
export type BodyV1 = unknown;

/** `init`, host to plugin; it is not answered. */
export interface LifecycleInitMessageV1 {
  readonly type: 'lifecycle';
  readonly action: 'init';
  readonly timestamp: TimestampV1;
  readonly payload: { readonly type: 'lifecycle'; readonly action: 'init' } & InitV1;
}

/** `shutdown`, host to plugin; it is not answered. */
export interface LifecycleShutdownMessageV1 {
  readonly type: 'lifecycle';
  readonly action: 'shutdown';
  readonly timestamp: TimestampV1;
  readonly payload: { readonly type: 'lifecycle'; readonly action: 'shutdown' };
}

/** An HTTP request, host to plugin. */
export interface HttpRequestMessageV1 {
  readonly type: 'http';
  readonly timestamp: TimestampV1;
  readonly request_id: RequestIdV1;
  readonly payload: {
    readonly type: 'http';
    readonly request_id: RequestIdV1;
    readonly payload: {
      readonly method: string;
      /** @pattern ^/ */
      readonly path: string;
      readonly headers: Readonly<Record<string, string>>;
      readonly body: string | null;
    };
  };
}

/** A key-value operation, host to plugin: the action with a capital outside, in lower case inside. */
export interface KvRequestMessageV1 {
  readonly type: 'kv';
  readonly timestamp: TimestampV1;
  readonly request_id: RequestIdV1;
  readonly payload: {
    readonly type: 'kv';
    readonly request_id: RequestIdV1;
    readonly action: 'Get' | 'Set' | 'Delete';
    readonly key: string;
    readonly value?: string;
    readonly payload: {
      readonly action: 'get' | 'set' | 'delete';
      readonly key: string;
      readonly value?: string;
    };
  };
}

/** The answer to a plugin's own key-value request, host to plugin. */
export interface KvAnswerMessageV1 {
  readonly type: 'kv';
  readonly timestamp: TimestampV1;
  readonly request_id: RequestIdV1;
  readonly payload: {
    readonly type: 'kv';
    readonly request_id: RequestIdV1;
    readonly value: string | null;
    readonly error?: { readonly code: string; readonly message: string };
  };
}

interface FromPlugin<Type extends string> {
  readonly type: Type;
  readonly timestamp?: string;
  /** It may stand in the payload in its place. */
  readonly request_id?: RequestIdV1;
}

/** The answer to a request: what the client gets. */
export interface HttpAnswerV1 {
  /**
   * @asType integer
   * @minimum 200
   * @maximum 599
   */
  readonly status: number;
  readonly headers?: Readonly<Record<string, unknown>> | null;
  readonly body?: BodyV1;
}

/** Flat, nested, or as JSON text in the `body` of an HTTP message; plugin to host. */
export interface HttpResponseMessageV1 extends FromPlugin<'http'> {
  readonly payload:
    | HttpAnswerV1
    | { readonly type?: 'http'; readonly request_id?: RequestIdV1; readonly payload: HttpAnswerV1 }
    | { readonly type?: 'http'; readonly request_id?: RequestIdV1; readonly payload: { readonly body: string } };
}

/** A key-value operation of the plugin's own; `action` in any letter case, the fields in the payload or one level below. */
export interface PluginKvRequestMessageV1 extends FromPlugin<'kv'> {
  readonly payload: KvFieldsV1 | { readonly payload: KvFieldsV1 };
}

export interface KvFieldsV1 {
  /** @pattern ^([Gg][Ee][Tt]|[Ss][Ee][Tt]|[Dd][Ee][Ll][Ee][Tt][Ee])$ */
  readonly action: string;
  readonly key: string;
  /** A value that is no string is stored as its JSON text. */
  readonly value?: unknown;
}

/** The plugin's answer to a key-value operation of the host's. */
export interface PluginKvAnswerMessageV1 {
  readonly type: 'kv' | 'http';
  readonly timestamp?: string;
  readonly request_id?: RequestIdV1;
  readonly payload:
    | { readonly value: unknown }
    | { readonly payload: { readonly value: unknown } }
    | { readonly payload: { readonly body: string } };
}
