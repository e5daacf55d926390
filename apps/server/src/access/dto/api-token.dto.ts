import { ApiProperty } from '@nestjs/swagger';
import { ROLES, type ApiToken, type CreatedApiToken, type List, type Role } from '@toru/contracts';
import { IsISO8601, IsRFC3339, Matches, ValidateIf } from 'class-validator';
import { RoleField } from './field-rules';

export class CreateApiTokenDto {
  @ApiProperty({ example: 'backup script', pattern: '^[A-Za-z0-9][A-Za-z0-9 ._-]{0,63}$' })
  @Matches(/^[A-Za-z0-9][A-Za-z0-9 ._-]{0,63}$/, {
    message: 'name must be 1 to 64 letters, digits, spaces, dots, _ or -, and begin with a letter or digit',
  })
  name!: string;

  @RoleField()
  role!: Role;

  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    required: false,
    description: 'RFC 3339, in the future. Null or absent: the token does not expire.',
  })
  @ValidateIf((_, value) => value !== undefined && value !== null)
  @IsRFC3339({ message: 'expires_at must be a time such as 2027-01-31T12:00:00Z' })
  @IsISO8601({ strict: true }, { message: 'expires_at must be a date that exists' })
  expires_at?: string | null;
}

export class ApiTokenDto implements ApiToken {
  @ApiProperty({ format: 'uuid' })
  id!: string;

  @ApiProperty()
  name!: string;

  @ApiProperty({ enum: ROLES, enumName: 'Role' })
  role!: Role;

  @ApiProperty({ format: 'date-time' })
  created_at!: string;

  @ApiProperty({ description: 'The name of who made it, as it was then.' })
  created_by!: string;

  @ApiProperty({ type: String, format: 'date-time', nullable: true, description: 'Null: it does not expire.' })
  expires_at!: string | null;

  @ApiProperty({ type: String, format: 'date-time', nullable: true, description: 'Exact to a minute.' })
  last_used_at!: string | null;
}

export class CreatedApiTokenDto extends ApiTokenDto implements CreatedApiToken {
  @ApiProperty({ example: 'tsc_…', description: 'The secret. It is shown this one time.' })
  token!: string;
}

export class ApiTokenListDto implements List<ApiToken> {
  @ApiProperty({ type: [ApiTokenDto] })
  items!: ApiTokenDto[];
}
