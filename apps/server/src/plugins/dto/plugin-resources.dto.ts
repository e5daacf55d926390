import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import type { PluginResources } from '@toru/contracts';

@ApiSchema({ name: 'PluginResources', description: 'What a plugin uses of the machine, its children included' })
export class PluginResourcesDto implements PluginResources {
  @ApiProperty({ type: 'number', description: 'Of one core, since the sample before' })
  cpu_percent!: number;

  @ApiProperty({ type: 'integer', description: 'Resident; pages that its processes share count for each of them' })
  memory_bytes!: number;

  @ApiProperty({ type: 'integer', nullable: true, description: 'Null where the system does not tell' })
  open_files!: number | null;

  @ApiProperty({ type: 'integer' })
  processes!: number;

  @ApiProperty({ type: 'string', format: 'date-time' })
  sampled_at!: string;
}
