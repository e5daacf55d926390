import { ApiProperty, ApiPropertyOptional, ApiSchema } from '@nestjs/swagger';
import {
  HTTP_LIMIT_RANGES,
  type HttpLimits,
  type JsonObject,
  type PathRule,
  type PluginLimits,
  type PluginLimitsChange,
} from '@toru/contracts';
import { Transform } from 'class-transformer';
import { IsInt, IsObject, IsOptional, Min } from 'class-validator';

const limit = (name: keyof typeof HTTP_LIMIT_RANGES, description: string) => {
  const [minimum, maximum] = HTTP_LIMIT_RANGES[name];
  return { type: 'integer', minimum, maximum, description } as const;
};
const FIRST_BYTE = limit('first_byte_timeout_ms', 'Until the answer begins, in milliseconds; then 504');
const IDLE = limit('idle_timeout_ms', 'How long nothing may come of an answer that has begun, in milliseconds; 0: any time');
const BODY = limit('max_body_bytes', 'The longest body of a request; then 413');

@ApiSchema({ name: 'PathRule' })
class PathRuleDto implements PathRule {
  @ApiProperty({ type: 'string', description: 'Below the route of the plugin; a last segment * is one or more segments' })
  path!: string;

  @ApiPropertyOptional(FIRST_BYTE)
  first_byte_timeout_ms?: number;

  @ApiPropertyOptional(IDLE)
  idle_timeout_ms?: number;

  @ApiPropertyOptional(BODY)
  max_body_bytes?: number;
}

@ApiSchema({ name: 'HttpLimits' })
class HttpLimitsDto implements HttpLimits {
  @ApiPropertyOptional(limit('concurrency', 'How many requests it has at once, until their answers are complete'))
  concurrency?: number;

  @ApiPropertyOptional(limit('queue', 'How many more wait for their turn; then 503'))
  queue?: number;

  @ApiPropertyOptional(limit('queue_timeout_ms', 'How long one waits for its turn, in milliseconds; then 503'))
  queue_timeout_ms?: number;

  @ApiPropertyOptional(FIRST_BYTE)
  first_byte_timeout_ms?: number;

  @ApiPropertyOptional(IDLE)
  idle_timeout_ms?: number;

  @ApiPropertyOptional(BODY)
  max_body_bytes?: number;

  @ApiPropertyOptional({ type: [PathRuleDto], description: 'The first that matches counts, before what is for all paths' })
  paths?: PathRuleDto[];
}

@ApiSchema({ name: 'PluginLimits' })
export class PluginLimitsDto implements PluginLimits {
  @ApiProperty({ type: 'string' })
  plugin!: string;

  @ApiProperty({ type: HttpLimitsDto, description: 'What administrators have set' })
  set!: HttpLimitsDto;

  @ApiProperty({ type: HttpLimitsDto, description: 'What the plugin proposes, the `http` of its metadata' })
  proposed!: HttpLimitsDto;

  @ApiProperty({ type: HttpLimitsDto, description: 'What the settings of the host say' })
  host!: HttpLimitsDto;

  @ApiProperty({ type: HttpLimitsDto, description: 'What comes of the three; `paths`: where somebody has a rule' })
  effective!: HttpLimitsDto;

  @ApiProperty({ type: 'integer', description: 'Counts the changes; 0: nothing was ever set' })
  revision!: number;

  @ApiProperty({ type: 'string', format: 'date-time', nullable: true })
  updated_at!: string | null;
}

@ApiSchema({ name: 'PluginLimitsChange' })
export class PluginLimitsChangeDto implements PluginLimitsChange {
  @ApiProperty({ type: HttpLimitsDto, description: 'All that is to be set' })
  // as it came: the fields are for the service to judge
  @Transform(({ obj }: { obj: { limits: unknown } }) => obj.limits)
  @IsObject()
  limits!: JsonObject;

  @ApiPropertyOptional({ type: 'integer', minimum: 0, description: 'The revision that the caller has seen' })
  @IsOptional()
  @IsInt()
  @Min(0)
  if_revision?: number;
}
