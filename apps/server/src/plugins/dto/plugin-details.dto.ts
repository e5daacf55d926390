import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import {
  BUDGET_KEEPERS,
  BUDGETED_RESOURCES,
  type LifecycleAnswer,
  type PluginBudget,
  type PluginDetails,
  type PluginEvent,
  type QuarantinedRoute,
} from '@toru/contracts';
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

@ApiSchema({ name: 'PluginBudget', description: 'What a plugin may use of one resource, its children included' })
export class PluginBudgetDto implements PluginBudget {
  @ApiProperty({ enum: BUDGETED_RESOURCES, description: 'cpu_percent: of one core. open_files: for each process' })
  resource!: PluginBudget['resource'];

  @ApiProperty({ type: 'integer', description: 'What holds: for the process that runs, or for the next one' })
  limit!: number;

  @ApiProperty({ type: 'integer', nullable: true, description: 'The `limits` of its metadata' })
  declared!: number | null;

  @ApiProperty({ type: 'integer', nullable: true, description: "The host's setting" })
  host!: number | null;

  @ApiProperty({
    enum: BUDGET_KEEPERS,
    nullable: true,
    description:
      'cgroup: the kernel. sampling: the host measures, and ends the plugin; cpu_percent: tells of it. rlimit: RLIMIT_NOFILE. Null while no process of it runs',
  })
  enforced_by!: PluginBudget['enforced_by'];
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

  @ApiProperty({ type: () => [PluginBudgetDto], description: 'Of the resources that have a bound' })
  budgets!: readonly PluginBudget[];

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
