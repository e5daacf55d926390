import { ApiProperty, ApiPropertyOptional, ApiSchema } from '@nestjs/swagger';
import type { List, PluginVersion, RollbackRequest } from '@toru/contracts';
import { IsOptional, Matches } from 'class-validator';

@ApiSchema({ name: 'PluginVersion' })
export class PluginVersionDto implements PluginVersion {
  @ApiProperty({ type: 'string' })
  version!: string;

  @ApiProperty({ type: 'string', description: 'SHA-256 of its file, in lower-case hexadecimal' })
  digest!: string;

  @ApiProperty({ type: 'string', format: 'date-time', nullable: true, description: 'When it was ready for the last time' })
  ready_at!: string | null;

  @ApiProperty({ type: 'boolean', description: 'It is the file in the plugins directory' })
  is_file!: boolean;

  @ApiProperty({ type: 'boolean', description: 'It is what runs, or what starts next' })
  is_current!: boolean;
}

@ApiSchema({ name: 'PluginVersionList' })
export class PluginVersionListDto implements List<PluginVersion> {
  @ApiProperty({ type: () => [PluginVersionDto], description: 'The newest first' })
  items!: PluginVersionDto[];
}

@ApiSchema({ name: 'RollbackRequest' })
export class RollbackRequestDto implements RollbackRequest {
  @ApiPropertyOptional({
    ...{ type: 'string', pattern: '^[0-9a-f]{8,64}$' },
    description: 'Of the version, or what it begins with; the one before if absent',
  })
  @IsOptional()
  @Matches(/^[0-9a-f]{8,64}$/, {
    message: 'digest must be a SHA-256 in lower-case hexadecimal, or at least its first 8 characters',
  })
  digest?: string;
}
