import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsISO8601, IsOptional, IsString, Matches } from 'class-validator';
import { PageNumber, PageSize } from '../../common';

const MAX_PAGE_SIZE = 200;
const DEFAULT_PAGE_SIZE = 50;
/** RFC 3339: date, time and zone, all of them. Which days a month has is checked apart. */
const DATE_TIME = /^\d{4}-\d\d-\d\dT([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,9})?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$/;
const DATE_TIME_MESSAGE = { message: '$property must be a time such as 2026-11-21T02:08:13Z' };

/** The query of every endpoint that lists events. */
export class EventQueryDto {
  @PageNumber()
  page: number = 1;

  @PageSize(MAX_PAGE_SIZE, DEFAULT_PAGE_SIZE)
  page_size: number = DEFAULT_PAGE_SIZE;

  @ApiPropertyOptional({ type: 'string', description: 'Such as started, stopped, crashed, restarted, disabled' })
  @IsOptional()
  @IsString()
  @Matches(/^[a-z][a-z0-9._-]{0,63}$/, { message: 'event_type must be the name of a type of event' })
  event_type?: string;

  @ApiPropertyOptional({ type: 'string', format: 'date-time', description: 'Events of this moment and later' })
  @IsOptional()
  @Matches(DATE_TIME, DATE_TIME_MESSAGE)
  @IsISO8601({ strict: true, strictSeparator: true }, DATE_TIME_MESSAGE)
  since?: string;

  @ApiPropertyOptional({ type: 'string', format: 'date-time', description: 'Events of this moment and earlier' })
  @IsOptional()
  @Matches(DATE_TIME, DATE_TIME_MESSAGE)
  @IsISO8601({ strict: true, strictSeparator: true }, DATE_TIME_MESSAGE)
  until?: string;
}

/** The query over the events of all plugins. */
export class AllEventsQueryDto extends EventQueryDto {
  @ApiPropertyOptional({ type: 'string', description: 'Only events of this plugin' })
  @IsOptional()
  @IsString()
  @Matches(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, { message: 'plugin_id must be the id of a plugin' })
  plugin_id?: string;
}
