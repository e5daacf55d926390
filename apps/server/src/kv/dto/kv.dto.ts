import { ApiProperty, ApiPropertyOptional, ApiSchema } from '@nestjs/swagger';
import type { KvAction, KvAnswer, KvRequest } from '@toru/contracts';
import { IsIn, IsOptional, IsString } from 'class-validator';

const ACTIONS: readonly KvAction[] = ['get', 'set', 'delete'];

/** Lengths and characters are for the service to judge: it gives errors of their own. */
@ApiSchema({ name: 'KvRequest' })
export class KvRequestDto implements KvRequest {
  @ApiProperty({ enum: ACTIONS })
  @IsIn(ACTIONS)
  action!: KvAction;

  @ApiProperty({ type: 'string', description: '1 to 512 bytes of UTF-8' })
  @IsString()
  key!: string;

  @ApiPropertyOptional({ type: 'string', nullable: true, description: 'For set: at most 1 MiB of UTF-8' })
  @IsOptional()
  @IsString()
  value?: string | null;
}

@ApiSchema({ name: 'KvAnswer' })
export class KvAnswerDto implements KvAnswer {
  @ApiProperty({ type: 'string', nullable: true, description: 'What get found; null otherwise' })
  value!: string | null;
}
