import { ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsInt, IsISO8601, IsOptional, IsString, Matches, Max, Min } from 'class-validator';

const MAX_PAGE = 1_000_000;
const MAX_PAGE_SIZE = 200;
const DEFAULT_PAGE_SIZE = 50;
/** RFC 3339: date, time and zone, all of them. Which days a month has is checked apart. */
const DATE_TIME = /^\d{4}-\d\d-\d\dT([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,9})?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$/;
const DATE_TIME_MESSAGE = { message: '$property must be a time such as 2026-11-21T02:08:13Z' };

/** The query of every endpoint that lists events. */
export class EventQueryDto {
  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: MAX_PAGE, default: 1 })
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(MAX_PAGE)
  page: number = 1;

  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: MAX_PAGE_SIZE, default: DEFAULT_PAGE_SIZE })
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(MAX_PAGE_SIZE)
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
