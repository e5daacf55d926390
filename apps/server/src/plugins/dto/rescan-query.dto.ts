import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsOptional } from 'class-validator';

const FLAGS = ['true', 'false'] as const;

export class RescanQueryDto {
  @ApiPropertyOptional({
    enum: FLAGS,
    default: 'false',
    description: 'Asks files for their metadata again that took too long the last time, without waiting for a change',
  })
  @IsOptional()
  @IsIn(FLAGS)
  force: (typeof FLAGS)[number] = 'false';
}
