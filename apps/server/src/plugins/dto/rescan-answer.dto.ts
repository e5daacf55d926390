import { ApiProperty, ApiSchema } from '@nestjs/swagger';

@ApiSchema({ name: 'RescanAnswer', description: 'What changed since the last scan, by id' })
export class RescanAnswerDto {
  @ApiProperty({ type: [String] })
  added!: readonly string[];

  @ApiProperty({ type: [String], description: 'Another content, or valid where it was invalid, or the reverse' })
  changed!: readonly string[];

  @ApiProperty({ type: [String] })
  removed!: readonly string[];
}
