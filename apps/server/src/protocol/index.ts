export { ChannelFactory } from './channel-factory';
export { MessageHandlers, type KvHandler } from './message-handlers';
export { PluginChannel, type ChannelObserver, type ChannelRequestOptions } from './plugin-channel';
export { ProtocolModule } from './protocol.module';
