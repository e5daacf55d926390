import { ApiPropertyOptional, PickType } from '@nestjs/swagger';
import { IsOptional, Matches } from 'class-validator';
import { AllEventsQueryDto } from './event-query.dto';

/** The id of an event, as a client sends it back. */
export const EVENT_ID = /^\d{1,15}$/;

/** The query of the live stream of events. */
export class EventStreamQueryDto extends PickType(AllEventsQueryDto, ['plugin_id', 'event_type'] as const) {
  @ApiPropertyOptional({
    type: 'string',
    pattern: EVENT_ID.source,
    description: 'The id of the event after which to go on; the header Last-Event-ID, if there is one, decides',
  })
  @IsOptional()
  @Matches(EVENT_ID, { message: 'last_event_id must be the id of an event' })
  last_event_id?: string;
}
