import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import type { Page, PluginEvent } from '@toru/contracts';

@ApiSchema({ name: 'PluginEvent' })
export class PluginEventDto implements PluginEvent {
  @ApiProperty({ type: 'integer' })
  id!: number;

  @ApiProperty({ type: 'string' })
  plugin_id!: string;

  @ApiProperty({ type: 'string', description: 'Such as started, stopped, crashed, restarted, disabled' })
  event_type!: string;

  @ApiProperty({ type: 'string', format: 'date-time' })
  timestamp!: string;

  @ApiProperty({ type: 'object', additionalProperties: true })
  details!: Record<string, unknown>;
}

@ApiSchema({ name: 'EventPage' })
export class EventPageDto implements Page<PluginEvent> {
  @ApiProperty({ type: () => [PluginEventDto], description: 'Newest first' })
  items!: PluginEventDto[];

  @ApiProperty({ type: 'integer', minimum: 1 })
  page!: number;

  @ApiProperty({ type: 'integer', minimum: 1 })
  page_size!: number;

  @ApiProperty({ type: 'boolean' })
  has_more!: boolean;
}
