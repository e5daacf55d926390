import { ApiPropertyOptional } from '@nestjs/swagger';
import { LOG_LEVELS, type LogLevel } from '@toru/contracts';
import { Type } from 'class-transformer';
import { IsIn, IsInt, IsOptional, IsString, Matches, Max, MaxLength, Min } from 'class-validator';

const MAX_PAGE = 1_000_000;
const MAX_PAGE_SIZE = 500;
const DEFAULT_PAGE_SIZE = 100;
const MAX_SEARCH_CHARACTERS = 200;

/** The query of every endpoint that reads a log. */
export class LogQueryDto {
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
