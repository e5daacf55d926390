import { Module, type OnModuleInit } from '@nestjs/common';
import { getDataSourceToken } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import { Configuration } from '../config';
import { DatabaseModule } from '../database';
import { MessageHandlers, ProtocolModule } from '../protocol';
import { KvStore } from './kv-store.port';
import { KvSweeper } from './kv-sweeper';
import { KvService } from './kv.service';
import { openKvStore } from './open-kv-store';

@Module({
  imports: [DatabaseModule, ProtocolModule],
  providers: [
    KvService,
    KvSweeper,
    {
      provide: KvStore,
      inject: [getDataSourceToken(), Configuration],
      useFactory: (dataSource: DataSource, { kvQuotaBytes }: Configuration) => openKvStore(dataSource, kvQuotaBytes),
    },
  ],
  exports: [KvService],
})
export class KvModule implements OnModuleInit {
  constructor(
    private readonly handlers: MessageHandlers,
    private readonly kv: KvService,
  ) {}

  onModuleInit(): void {
    this.handlers.registerKv((pluginId, request) => this.kv.handleKvRequest(pluginId, request));
    this.handlers.registerKvV2((pluginId, payload) => this.kv.answer(pluginId, payload));
  }
}
