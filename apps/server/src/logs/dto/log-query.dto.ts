import { ApiPropertyOptional } from '@nestjs/swagger';
import { LOG_LEVELS, type LogLevel } from '@toru/contracts';
import { IsIn, IsOptional, IsString, Matches, MaxLength } from 'class-validator';
import { PageNumber, PageSize } from '../../common';

const MAX_PAGE_SIZE = 500;
const DEFAULT_PAGE_SIZE = 100;
const MAX_SEARCH_CHARACTERS = 200;

/** The query of every endpoint that reads a log. */
export class LogQueryDto {
  @PageNumber()
  page: number = 1;

  @PageSize(MAX_PAGE_SIZE, DEFAULT_PAGE_SIZE)
  page_size: number = DEFAULT_PAGE_SIZE;

  @ApiPropertyOptional({ enum: LOG_LEVELS, description: 'This level and the worse ones' })
  @IsOptional()
  @IsIn(LOG_LEVELS)
  level?: LogLevel;

  @ApiPropertyOptional({
    type: 'string',
    maxLength: MAX_SEARCH_CHARACTERS,
    description: 'A text in the message or in any field, whatever its case',
  })
  @IsOptional()
  @IsString()
  @MaxLength(MAX_SEARCH_CHARACTERS)
  search?: string;
}

/** The query of the supervisor's log. */
export class SupervisorLogQueryDto extends LogQueryDto {
  @ApiPropertyOptional({ type: 'string', description: 'Only lines about this plugin' })
  @IsOptional()
  @IsString()
  @Matches(/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/, { message: 'plugin_id must be the id of a plugin' })
  plugin_id?: string;
}
