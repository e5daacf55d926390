import { ApiProperty, ApiPropertyOptional, ApiSchema } from '@nestjs/swagger';
import type { JsonObject, PluginSettings, PluginSettingsAnswer, PluginSettingsChange, SettingsOutcome } from '@toru/contracts';
import { Transform } from 'class-transformer';
import { IsInt, IsObject, IsOptional, Min } from 'class-validator';

const anything = { type: 'object', additionalProperties: true } as const;

@ApiSchema({ name: 'PluginSettings' })
export class PluginSettingsDto implements PluginSettings {
  @ApiProperty({ type: 'string' })
  plugin!: string;

  @ApiProperty({ ...anything, nullable: true, description: 'What may be set, as a flat JSON Schema' })
  schema!: JsonObject | null;

  @ApiProperty({ type: 'string', nullable: true, description: 'Why what the plugin declares cannot be used' })
  problem!: string | null;

  @ApiProperty({ ...anything, description: 'What was set, and defaults for the rest; never secrets' })
  values!: JsonObject;

  @ApiProperty({ type: [String], description: 'Secrets that have a value' })
  secrets_set!: readonly string[];

  @ApiProperty({ type: [String], description: 'Required settings without a value' })
  missing!: readonly string[];

  @ApiProperty({ type: 'integer', description: 'Counts the changes; 0: nothing was ever set' })
  revision!: number;

  @ApiProperty({ type: 'string', format: 'date-time', nullable: true })
  updated_at!: string | null;
}

const OUTCOMES: readonly SettingsOutcome[] = ['live', 'restart_required', 'next_start', 'started'];

@ApiSchema({ name: 'PluginSettingsAnswer' })
export class PluginSettingsAnswerDto extends PluginSettingsDto implements PluginSettingsAnswer {
  @ApiProperty({
    enum: OUTCOMES,
    description:
      'live: the plugin has it. restart_required: it runs and takes settings at its start alone. next_start: it does not run. started: it had refused to run and is started again',
  })
  applied!: SettingsOutcome;
}

@ApiSchema({ name: 'PluginSettingsChange' })
export class PluginSettingsChangeDto implements PluginSettingsChange {
  @ApiProperty({ ...anything, description: 'Values that are not named stay; null goes back to the default' })
  // as it came: the names are for the service to judge, those that every object has as well
  @Transform(({ obj }: { obj: { values: unknown } }) => obj.values)
  @IsObject()
  values!: JsonObject;

  @ApiPropertyOptional({ type: 'integer', minimum: 0, description: 'The revision that the caller has seen' })
  @IsOptional()
  @IsInt()
  @Min(0)
  if_revision?: number;
}
