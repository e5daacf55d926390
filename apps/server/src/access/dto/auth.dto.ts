import { ApiProperty } from '@nestjs/swagger';
import { ROLES, type CurrentUser, type LoginRequest, type Role } from '@toru/contracts';
import { IsString, MaxLength } from 'class-validator';
import { GivenPassword, NewPassword } from './field-rules';

export class LoginRequestDto implements LoginRequest {
  @ApiProperty({ maxLength: 256, example: 'admin' })
  @IsString()
  @MaxLength(256)
  username!: string;

  @GivenPassword()
  password!: string;
}

export class ChangePasswordDto {
  @GivenPassword()
  current_password!: string;

  @NewPassword()
  new_password!: string;
}

export class CurrentUserDto implements CurrentUser {
  @ApiProperty({ description: 'The id of the user, or of the API token.' })
  id!: string;

  @ApiProperty({ description: 'The name of the user; for an API token `token:` and its name.' })
  name!: string;

  @ApiProperty({ enum: ROLES, enumName: 'Role' })
  role!: Role;

  @ApiProperty({ enum: ['session', 'token'], description: 'How the caller proved who it is.' })
  kind!: 'session' | 'token';

  @ApiProperty({ description: 'The password was given by somebody else: nothing else answers until it is changed.' })
  must_change_password!: boolean;
}
