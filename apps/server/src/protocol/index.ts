export { ChannelFactory } from './channel-factory';
export { MessageHandlers, type KvHandler } from './message-handlers';
export { PluginChannel, PluginRefusedError, type ChannelObserver, type ChannelRequestOptions } from './plugin-channel';
export { ProtocolModule } from './protocol.module';
