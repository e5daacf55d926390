export { EventPageDto, PluginEventDto } from './dto/event-page.dto';
export { EVENT_ID, EventStreamQueryDto } from './dto/event-stream-query.dto';
export { EventFeed } from './event-feed';
export { EventQueryDto } from './dto/event-query.dto';
export { toEventQuery } from './event-query.mapper';
export { EventsModule } from './events.module';
export { EventsService, type EventQuery } from './events.service';
