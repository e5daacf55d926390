import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import {
  LOG_LEVELS,
  type CrashDetails,
  type CrashLogLine,
  type CrashRequest,
  type CrashSummary,
  type LogLevel,
  type Page,
  type ResourceSample,
} from '@toru/contracts';
import { PageNumber, PageSize } from '../../common';

const MAX_PAGE_SIZE = 100;
const DEFAULT_PAGE_SIZE = 20;
const DECISIONS: readonly CrashSummary['decision'][] = ['restart', 'disable'];

export class CrashQueryDto {
  @PageNumber()
  page: number = 1;

  @PageSize(MAX_PAGE_SIZE, DEFAULT_PAGE_SIZE)
  page_size: number = DEFAULT_PAGE_SIZE;
}

@ApiSchema({ name: 'CrashSummary' })
export class CrashSummaryDto implements CrashSummary {
  @ApiProperty({ type: 'integer' })
  id!: number;

  @ApiProperty({ type: 'string', format: 'date-time' })
  timestamp!: string;

  @ApiProperty({ type: 'string', nullable: true, description: "The plugin's version" })
  version!: string | null;

  @ApiProperty({ type: 'string', description: 'How it ended, in words' })
  reason!: string;

  @ApiProperty({ type: 'integer', nullable: true })
  exit_code!: number | null;

  @ApiProperty({ type: 'string', nullable: true, description: 'Such as SIGSEGV' })
  signal!: string | null;

  @ApiProperty({ type: 'boolean', description: 'Something says that it had run out of memory' })
  out_of_memory!: boolean;

  @ApiProperty({ type: 'integer', description: 'From its spawn to its end' })
  uptime_ms!: number;

  @ApiProperty({ type: 'integer' })
  requests_in_flight!: number;

  @ApiProperty({ type: 'string', nullable: true, description: 'The route that alone was in flight' })
  blamed_route!: string | null;

  @ApiProperty({ enum: DECISIONS, description: 'What followed' })
  decision!: CrashSummary['decision'];
}

@ApiSchema({ name: 'CrashPage' })
export class CrashPageDto implements Page<CrashSummary> {
  @ApiProperty({ type: () => [CrashSummaryDto], description: 'Newest first' })
  items!: CrashSummaryDto[];

  @ApiProperty({ type: 'integer', minimum: 1 })
  page!: number;

  @ApiProperty({ type: 'integer', minimum: 1 })
  page_size!: number;

  @ApiProperty({ type: 'boolean' })
  has_more!: boolean;
}

@ApiSchema({ name: 'CrashRequest', description: 'A request that was in flight' })
export class CrashRequestDto implements CrashRequest {
  @ApiProperty({ type: 'string' })
  method!: string;

  @ApiProperty({ type: 'string', description: "Below the plugin's route, without query" })
  path!: string;

  @ApiProperty({ type: 'integer', description: 'How long it had been in flight' })
  for_ms!: number;
}

@ApiSchema({ name: 'CrashLogLine' })
export class CrashLogLineDto implements CrashLogLine {
  @ApiProperty({ type: 'string', format: 'date-time' })
  timestamp!: string;

  @ApiProperty({ enum: LOG_LEVELS })
  level!: LogLevel;

  @ApiProperty({ type: 'string' })
  message!: string;
}

@ApiSchema({ name: 'ResourceSample', description: "What a plugin's processes used at a moment" })
export class ResourceSampleDto implements ResourceSample {
  @ApiProperty({ type: 'string', format: 'date-time' })
  timestamp!: string;

  @ApiProperty({ type: 'number', description: 'Of one core' })
  cpu_percent!: number;

  @ApiProperty({ type: 'integer' })
  memory_bytes!: number;

  @ApiProperty({ type: 'integer', nullable: true, description: 'Null: no limit' })
  memory_limit_bytes!: number | null;
}

@ApiSchema({ name: 'CrashDetails', description: 'All that is known of one crash' })
export class CrashDetailsDto extends CrashSummaryDto implements CrashDetails {
  @ApiProperty({ type: 'string' })
  plugin_id!: string;

  @ApiProperty({ type: 'integer', nullable: true })
  pid!: number | null;

  @ApiProperty({ type: 'boolean', description: 'The host ended it, because it was silent or had lost its connection' })
  ended_by_host!: boolean;

  @ApiProperty({ type: 'integer', description: 'How long it had been ready; 0: it never was' })
  ready_ms!: number;

  @ApiProperty({ type: 'integer' })
  consecutive_crashes!: number;

  @ApiProperty({ type: [String], description: 'What speaks for a lack of memory' })
  memory_signs!: readonly string[];

  @ApiProperty({ type: () => [CrashRequestDto], description: 'Those in flight' })
  requests!: readonly CrashRequest[];

  @ApiProperty({ type: () => [CrashLogLineDto], description: 'Its last lines, oldest first' })
  log!: readonly CrashLogLine[];

  @ApiProperty({ type: () => [ResourceSampleDto], description: 'Its last samples, oldest first' })
  samples!: readonly ResourceSample[];

  @ApiProperty({ type: [String], description: 'When it crashed within the window, oldest first' })
  timeline!: readonly string[];
}
