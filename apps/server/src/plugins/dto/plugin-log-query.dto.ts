import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsOptional } from 'class-validator';
import { LogQueryDto } from '../../logs';

const SOURCES = ['plugin', 'supervisor'] as const;

/** The query of one plugin's logs. */
export class PluginLogQueryDto extends LogQueryDto {
  @ApiPropertyOptional({
    enum: SOURCES,
    default: 'plugin',
    description: 'What the plugin printed, or what the supervisor did with it',
  })
  @IsOptional()
  @IsIn(SOURCES)
  source: (typeof SOURCES)[number] = 'plugin';
}
