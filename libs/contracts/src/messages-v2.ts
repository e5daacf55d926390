import type {
  DataV2,
  EventV2,
  FailedV2,
  HttpRequestV2,
  HttpResponseV2,
  InitV2,
  KvAnswerV2,
  KvRequestV2,
  LogV2,
  ReadyV2,
  SettingsV2,
  ShutdownV2,
} from './wire-v2';

/**
 * Every message of version 2 as it stands on the wire, envelope and payload together. The JSON Schemas in `schema/v2` are
 * generated from these types; `docs/protocol-v2.md` says what they mean. Bytes are the tail of the frame and no part of
 * the JSON.
 */

/**
 * RFC 3339, UTC.
 *
 * @pattern ^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|\+00:00)$
 */
export type TimestampV2 = string;

/**
 * Chosen by the side that asks, unused among its open requests (§2).
 *
 * @minLength 1
 * @maxLength 128
 */
export type RequestIdV2 = string;

interface Lifecycle<Action extends string, Payload> {
  readonly type: 'lifecycle';
  readonly action: Action;
  readonly timestamp: TimestampV2;
  readonly payload: Payload;
}

interface Identified<Type extends string> {
  readonly type: Type;
  readonly request_id: RequestIdV2;
  readonly timestamp?: TimestampV2;
}

interface Notification<Type extends string, Payload> {
  readonly type: Type;
  readonly timestamp?: TimestampV2;
  readonly payload: Payload;
}

/** The first message of the host. */
export type LifecycleInitMessageV2 = Lifecycle<'init', InitV2>;

/** The plugin's routes are open from here on. */
export type LifecycleReadyMessageV2 = Lifecycle<'ready', ReadyV2>;

/** The plugin cannot run, and exits. */
export type LifecycleFailedMessageV2 = Lifecycle<'failed', FailedV2>;

/** The plugin finishes what is in flight, and exits with status 0. */
export type LifecycleShutdownMessageV2 = Lifecycle<'shutdown', ShutdownV2>;

/** The plugin's settings have changed. */
export type LifecycleSettingsMessageV2 = Lifecycle<'settings', SettingsV2>;

/** Answered by whoever reads the connection, never by a handler (§4). */
export interface PingMessageV2 extends Identified<'ping'> {
  readonly payload?: Readonly<Record<string, unknown>>;
}

export interface PongMessageV2 extends Identified<'pong'> {
  readonly payload?: Readonly<Record<string, unknown>>;
}

/** An HTTP request, host to plugin (§5). */
export interface HttpRequestMessageV2 extends Identified<'http'> {
  readonly payload: HttpRequestV2;
}

/** The answer to `http` or `upgrade`, plugin to host (§5). */
export interface HttpResponseMessageV2 extends Identified<'http'> {
  readonly payload: HttpResponseV2;
}

/** The client's bytes come on the stream after the answer. */
export interface UpgradeV2 extends HttpRequestV2 {
  /**
   * The odd number of the stream that the client's bytes come on.
   *
   * @asType integer
   * @minimum 1
   * @maximum 9007199254740991
   */
  readonly stream: number;
}

/** A request for a WebSocket, host to plugin (§10). */
export interface UpgradeMessageV2 extends Identified<'upgrade'> {
  readonly payload: UpgradeV2;
}

/** Bytes of a stream, its end, its failure, or room for more (§6). */
export type DataMessageV2 = Notification<'data', DataV2>;

/** The answer is of no use any more (§7). */
export interface CancelMessageV2 extends Identified<'cancel'> {
  readonly payload?: Readonly<Record<string, unknown>>;
}

/** A key-value operation (§8). */
export interface KvRequestMessageV2 extends Identified<'kv'> {
  readonly payload: KvRequestV2;
}

/** Its answer: without `action`. */
export interface KvAnswerMessageV2 extends Identified<'kv'> {
  readonly payload: KvAnswerV2;
}

/** A line for the plugin's log, plugin to host (§9). */
export type LogMessageV2 = Notification<'log', LogV2>;

/** A row of `plugin_events`, plugin to host (§9). */
export type EventMessageV2 = Notification<'event', EventV2>;
