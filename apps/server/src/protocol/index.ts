export type { ChannelRequestOptions } from './channel-request-options';
export { type Places } from './concurrency-limit';
export { ChannelFactory } from './channel-factory';
export { MessageHandlers, type KvHandler } from './message-handlers';
export {
  PluginChannel,
  PluginGreetingError,
  PluginRefusedError,
  type ChannelInit,
  type ChannelObserver,
} from './plugin-channel';
export type {
  StreamingChannel,
  StreamingRequest,
  StreamingResponse,
  Tunnel,
  UpgradeRequest,
  UpgradeResponse,
} from './plugin-streaming';
export { ProtocolModule } from './protocol.module';
