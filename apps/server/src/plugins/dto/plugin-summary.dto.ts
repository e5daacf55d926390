import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import { PLUGIN_STATES, REFUSALS, type PluginHealth, type PluginList, type PluginResources, type PluginState, type PluginSummary, type ProtocolVersion, type Refusal } from '@toru/contracts';
import { PluginResourcesDto } from './plugin-resources.dto';

const HEALTHS: readonly PluginHealth[] = ['healthy', 'unhealthy', 'unknown'];
const PROTOCOLS: readonly ProtocolVersion[] = [1, 2];
const text = { type: 'string', nullable: true } as const;

@ApiSchema({ name: 'PluginSummary', description: 'One installed plugin, valid or not' })
export class PluginSummaryDto implements PluginSummary {
  @ApiProperty({ type: 'string', description: 'For a file without valid metadata an id made from its name' })
  id!: string;

  @ApiProperty({ type: 'string' })
  name!: string;

  @ApiProperty(text)
  version!: string | null;

  @ApiProperty({ ...text, description: 'An emoji or a short text' })
  icon!: string | null;

  @ApiProperty({ ...text, example: '/acme' })
  route!: string | null;

  @ApiProperty(text)
  author!: string | null;

  @ApiProperty(text)
  description!: string | null;

  @ApiProperty(text)
  homepage!: string | null;

  @ApiProperty({ type: 'integer', enum: PROTOCOLS, nullable: true })
  protocol!: ProtocolVersion | null;

  @ApiProperty({ type: 'string', description: 'The name of the file in the plugins directory' })
  file!: string;

  @ApiProperty({
    ...text,
    description: 'Why its file cannot be used as it is now; the version before it goes on. Null where it can',
  })
  file_problem!: string | null;

  @ApiProperty({ type: 'boolean', description: 'Whether it is meant to run' })
  enabled!: boolean;

  @ApiProperty({ enum: PLUGIN_STATES, enumName: 'PluginState' })
  status!: PluginState;

  @ApiProperty({ enum: HEALTHS, enumName: 'PluginHealth' })
  health!: PluginHealth;

  @ApiProperty({ ...text, description: 'Why it is invalid, disabled by the supervisor, waiting or failed' })
  reason!: string | null;

  @ApiProperty({ enum: REFUSALS, nullable: true, description: 'What it has failed for, where it has' })
  refusal!: Refusal | null;

  @ApiProperty({
    type: () => PluginResourcesDto,
    nullable: true,
    description: 'Null while no process of it runs, or none was measured yet',
  })
  resources!: PluginResources | null;

  @ApiProperty({ type: 'boolean', description: 'It declares settings' })
  has_settings!: boolean;
}

@ApiSchema({ name: 'PluginList' })
export class PluginListDto implements PluginList {
  @ApiProperty({ type: () => [PluginSummaryDto] })
  items!: PluginSummary[];

  @ApiProperty({
    type: 'boolean',
    description: 'The host has not looked into all files of its plugins directory yet: plugins may be missing from the list',
  })
  reading!: boolean;

  @ApiProperty({
    type: 'string',
    nullable: true,
    description:
      'Why the plugins directory cannot be read, with what to do about it; plugins that were known stay in the list. Null where it can',
  })
  problem!: string | null;
}
