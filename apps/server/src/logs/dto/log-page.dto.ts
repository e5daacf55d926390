import { ApiExtraModels, ApiProperty, ApiPropertyOptional, ApiSchema } from '@nestjs/swagger';
import { LOG_LEVELS, type LogEntry, type LogLevel, type Page } from '@toru/contracts';

@ApiSchema({ name: 'LogEntry', description: 'One line of a log file. Further fields are the own ones of the writer.' })
export class LogEntryDto implements LogEntry {
  [field: string]: unknown;

  @ApiProperty({ type: 'string', format: 'date-time' })
  timestamp!: string;

  @ApiProperty({ enum: LOG_LEVELS })
  level!: LogLevel;

  @ApiProperty({ type: 'string', description: 'The plugin concerned; empty where the line is about none' })
  plugin!: string;

  @ApiProperty({ type: 'string' })
  message!: string;

  @ApiPropertyOptional({ description: 'What went wrong: a text or an object', oneOf: [{ type: 'string' }, { type: 'object' }] })
  error?: unknown;

  @ApiPropertyOptional({ enum: ['stdout', 'stderr'], description: 'Where the plugin printed it' })
  stream?: string;

  @ApiPropertyOptional({ type: 'string', description: 'What the supervisor did' })
  action?: string;
}

@ApiExtraModels(LogEntryDto)
@ApiSchema({ name: 'LogPage' })
export class LogPageDto implements Page<LogEntry> {
  @ApiProperty({ type: () => [LogEntryDto], description: 'Newest first' })
  items!: LogEntryDto[];

  @ApiProperty({ type: 'integer', minimum: 1 })
  page!: number;

  @ApiProperty({ type: 'integer', minimum: 1 })
  page_size!: number;

  @ApiProperty({ type: 'boolean' })
  has_more!: boolean;
}
