import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import type { LifecycleAnswer, PluginDetails, PluginEvent, QuarantinedRoute } from '@toru/contracts';
import { PluginEventDto } from '../../events';
import { PluginSummaryDto } from './plugin-summary.dto';

const time = { type: 'string', format: 'date-time', nullable: true } as const;

@ApiSchema({ name: 'QuarantinedRoute', description: 'A route that is kept from a plugin because it crashes it' })
export class QuarantinedRouteDto implements QuarantinedRoute {
  @ApiProperty({ type: 'string', description: "Method and path below the plugin's route; * stands for an id" })
  route!: string;

  @ApiProperty({ type: 'string', format: 'date-time' })
  since!: string;

  @ApiProperty({ type: 'string', format: 'date-time' })
  until!: string;

  @ApiProperty({ type: 'integer', description: 'How often it was kept from the plugin in a row' })
  times!: number;
}

@ApiSchema({ name: 'PluginDetails' })
export class PluginDetailsDto extends PluginSummaryDto implements PluginDetails {
  @ApiProperty({ type: 'integer', nullable: true })
  pid!: number | null;

  @ApiProperty({
    type: 'string',
    nullable: true,
    description: 'The version of the process that runs: another than `version`, that of the file, while that is not taken',
  })
  running_version!: string | null;

  @ApiProperty({ ...time, description: 'When the process that runs now became ready' })
  started_at!: string | null;

  @ApiProperty({ type: 'integer', nullable: true })
  uptime_seconds!: number | null;

  @ApiProperty({ type: 'integer', description: 'How often it was spawned again since the host started' })
  restarts!: number;

  @ApiProperty({ type: 'integer' })
  consecutive_crashes!: number;

  @ApiProperty({ ...time, description: 'When it is spawned again, while it waits in backoff' })
  next_retry_at!: string | null;

  @ApiProperty({ type: [String], description: 'Paths below the route that need no authentication' })
  public_paths!: readonly string[];

  @ApiProperty({ type: () => [QuarantinedRouteDto], description: 'Routes that are kept from it' })
  quarantined_routes!: readonly QuarantinedRoute[];

  @ApiProperty({ type: () => [PluginEventDto], description: 'Newest first' })
  recent_events!: readonly PluginEvent[];
}

const OUTCOMES: readonly LifecycleAnswer['outcome'][] = [
  ...(['enabled', 'already_enabled', 'disabled', 'already_disabled', 'restarted', 'reset', 'rolled_back'] as const),
];

@ApiSchema({ name: 'LifecycleAnswer', description: "What an operation on a plugin's life did" })
export class LifecycleAnswerDto implements LifecycleAnswer {
  @ApiProperty({ enum: OUTCOMES })
  outcome!: LifecycleAnswer['outcome'];

  @ApiProperty({ type: 'string', description: 'One sentence for people' })
  message!: string;

  @ApiProperty({ type: () => PluginDetailsDto })
  plugin!: PluginDetails;
}
