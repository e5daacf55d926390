import { Module, type OnModuleInit } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { DatabaseModule } from '../database';
import { MessageHandlers, ProtocolModule } from '../protocol';
import { EventStore } from './event-store.port';
import { EventsController } from './events.controller';
import { EventsService } from './events.service';
import { PluginEventEntity } from './plugin-event.entity';
import { TypeOrmEventStore } from './typeorm-event-store';

@Module({
  imports: [DatabaseModule, ProtocolModule, TypeOrmModule.forFeature([PluginEventEntity])],
  controllers: [EventsController],
  providers: [EventsService, { provide: EventStore, useClass: TypeOrmEventStore }],
  exports: [EventsService],
})
export class EventsModule implements OnModuleInit {
  constructor(
    private readonly handlers: MessageHandlers,
    private readonly events: EventsService,
  ) {}

  onModuleInit(): void {
    // a type of its own, so that no plugin can tell what only the host may (protocol v2 §9)
    this.handlers.onEvent((pluginId, { name, data }) => {
      this.events.record(pluginId, `plugin.${name}`, data ?? {});
    });
  }
}
