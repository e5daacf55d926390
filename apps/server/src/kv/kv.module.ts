import { Module, type OnModuleInit } from '@nestjs/common';
import { DatabaseModule } from '../database';
import { MessageHandlers, ProtocolModule } from '../protocol';
import { KvStore } from './kv-store.port';
import { KvService } from './kv.service';
import { TypeOrmKvStore } from './typeorm-kv-store';

@Module({
  imports: [DatabaseModule, ProtocolModule],
  providers: [KvService, { provide: KvStore, useClass: TypeOrmKvStore }],
  exports: [KvService],
})
export class KvModule implements OnModuleInit {
  constructor(
    private readonly handlers: MessageHandlers,
    private readonly kv: KvService,
  ) {}

  onModuleInit(): void {
    this.handlers.registerKv((pluginId, request) => this.kv.handleKvRequest(pluginId, request));
  }
}
