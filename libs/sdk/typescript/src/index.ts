export type { JsonObject, JsonValue, UserV2 as User } from '@toru/contracts';
export { ConnectionClosedError, KvRefusedError, RequestError } from '@toru/protocol';
export { definePlugin, type Plugin } from './define-plugin';
export { json, text, type ReplyInit } from './fetch';
export type { KvClient, KvListOptions, KvOperation, KvResults, KvSetOptions } from './kv-client';
export type { KvHandler } from './kv-handler';
export type { LicenceReason } from '@toru/licensing';
export type { Licence, LicenseCheck, PluginLicense } from './license';
export type { LogFields, Logger } from './logger';
export type { Metadata } from './metadata';
export type { EventEmitter, PluginContext, RequestContext, SettingsListener } from './plugin-context';
export type { HttpHandler, PluginDefinition } from './plugin-definition';
export { ConfigError, EXIT_CONFIG, FeatureUnavailableError, LicenseError } from './plugin-errors';
export { router, type Params, type RouteHandler, type RouteInput, type Router } from './router';
export type { ServeOptions } from './serve-plugin';
export { sse, type ServerSentEvent, type SseOptions } from './sse';
export {
  upgradeWebSocket,
  type ServerWebSocket,
  type WebSocketClose,
  type WebSocketHandler,
  type WebSocketMessage,
  type WebSocketOptions,
} from './websocket';
