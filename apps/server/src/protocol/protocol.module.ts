import { Module } from '@nestjs/common';
import { ChannelFactory } from './channel-factory';
import { MessageHandlers } from './message-handlers';

@Module({ providers: [ChannelFactory, MessageHandlers], exports: [ChannelFactory, MessageHandlers] })
export class ProtocolModule {}
