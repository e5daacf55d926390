import { ApiProperty } from '@nestjs/swagger';
import { ROLES, type List, type Role } from '@toru/contracts';
import { IsBoolean, Matches } from 'class-validator';
import { USERNAME, USERNAME_RULE } from '../username';
import { MayBeAbsent, NewPassword, RoleField } from './field-rules';

export class CreateUserDto {
  @ApiProperty({ pattern: USERNAME.source, example: 'maria' })
  @Matches(USERNAME, { message: `username ${USERNAME_RULE}` })
  username!: string;

  @NewPassword()
  password!: string;

  @RoleField()
  role!: Role;

  @ApiProperty({ required: false, default: false, description: 'The user has to choose another password at first.' })
  @MayBeAbsent()
  @IsBoolean()
  must_change_password?: boolean;
}

export class UpdateUserDto {
  @RoleField()
  @MayBeAbsent()
  role?: Role;

  @NewPassword()
  @MayBeAbsent()
  password?: string;

  @ApiProperty({
    required: false,
    default: false,
    description: 'Together with a password: it has to be changed at first.',
  })
  @MayBeAbsent()
  @IsBoolean()
  must_change_password?: boolean;
}

export class UserDto {
  @ApiProperty({ format: 'uuid' })
  id!: string;

  @ApiProperty()
  username!: string;

  @ApiProperty({ enum: ROLES, enumName: 'Role' })
  role!: Role;

  @ApiProperty()
  must_change_password!: boolean;

  @ApiProperty({ format: 'date-time' })
  created_at!: string;

  @ApiProperty({ format: 'date-time' })
  updated_at!: string;
}

export class UserListDto implements List<UserDto> {
  @ApiProperty({ type: [UserDto] })
  items!: UserDto[];
}
