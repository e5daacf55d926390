import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { DatabaseModule } from '../database';
import { EventStore } from './event-store.port';
import { EventsController } from './events.controller';
import { EventsService } from './events.service';
import { PluginEventEntity } from './plugin-event.entity';
import { TypeOrmEventStore } from './typeorm-event-store';

@Module({
  imports: [DatabaseModule, TypeOrmModule.forFeature([PluginEventEntity])],
  controllers: [EventsController],
  providers: [EventsService, { provide: EventStore, useClass: TypeOrmEventStore }],
  exports: [EventsService],
})
export class EventsModule {}
