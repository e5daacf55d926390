import { ApiProperty, ApiPropertyOptional, ApiSchema } from '@nestjs/swagger';
import { ERRORS, type ErrorCode, type InputError, type ProblemDetails } from '@toru/contracts';

@ApiSchema({ name: 'InputError', description: 'One input that is wrong' })
class InputErrorDto implements InputError {
  @ApiProperty({ type: 'string', description: 'Where it stands', example: 'page_size' })
  path!: string;

  @ApiProperty({ type: 'string' })
  message!: string;
}

@ApiSchema({ name: 'ProblemDetails', description: 'An RFC 9457 problem document: the body of every error answer' })
export class ProblemDetailsDto implements ProblemDetails {
  @ApiProperty({ type: 'string', example: 'urn:toru:problem:plugin_not_found' })
  type!: string;

  @ApiProperty({ type: 'string' })
  title!: string;

  @ApiProperty({ type: 'integer' })
  status!: number;

  @ApiProperty({ type: 'string', description: 'What happened this time, and what to do about it' })
  detail!: string;

  @ApiProperty({ type: 'string', description: 'The path that was asked for, without its query' })
  instance!: string;

  @ApiProperty({ enum: Object.keys(ERRORS), enumName: 'ErrorCode' })
  code!: ErrorCode;

  @ApiProperty({ type: 'string', format: 'uuid' })
  request_id!: string;

  @ApiPropertyOptional({ type: 'string', description: 'The plugin concerned' })
  plugin?: string;

  @ApiPropertyOptional({ type: () => [InputErrorDto] })
  errors?: readonly InputError[];
}
