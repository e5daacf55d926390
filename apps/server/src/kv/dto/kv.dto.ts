import { ApiProperty, ApiPropertyOptional, ApiSchema } from '@nestjs/swagger';
import { KV_STORES, type KvAction, type KvAnswer, type KvRequest, type KvStoreName } from '@toru/contracts';
import { IsIn, IsOptional, IsString, ValidateIf } from 'class-validator';

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

  @ApiPropertyOptional({
    enum: KV_STORES,
    default: 'host',
    description: 'host: the namespace that the host keeps for the plugin. plugin: what the plugin keeps itself',
  })
  @ValidateIf((_, value) => value !== undefined)
  @IsIn(KV_STORES)
  store?: KvStoreName;
}

@ApiSchema({ name: 'KvAnswer' })
export class KvAnswerDto implements KvAnswer {
  @ApiProperty({
    type: 'string',
    nullable: true,
    description: 'What get found; null otherwise. From the store of a plugin: what the plugin answered',
  })
  value!: string | null;
}
