import { applyDecorators } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { ROLES } from '@toru/contracts';
import { IsIn, IsString, Length, MaxLength, ValidateIf } from 'class-validator';

/** In characters. NIST SP 800-63B: at least eight, no rules about their kinds. */
export const MIN_PASSWORD_LENGTH = 8;
const MAX_PASSWORD_LENGTH = 1024;

/** A password that somebody chooses. */
export const NewPassword = () =>
  applyDecorators(
    ApiProperty({ minLength: MIN_PASSWORD_LENGTH, maxLength: MAX_PASSWORD_LENGTH, format: 'password' }),
    IsString(),
    Length(MIN_PASSWORD_LENGTH, MAX_PASSWORD_LENGTH),
  );

/** A password that is compared: any text, so that a wrong one is wrong and not malformed. */
export const GivenPassword = () =>
  applyDecorators(
    ApiProperty({ maxLength: MAX_PASSWORD_LENGTH, format: 'password' }),
    IsString(),
    MaxLength(MAX_PASSWORD_LENGTH),
  );

export const RoleField = () => applyDecorators(ApiProperty({ enum: ROLES, enumName: 'Role' }), IsIn(ROLES));

/** May be left out; unlike `IsOptional` it does not let null through. */
export const MayBeAbsent = () =>
  applyDecorators(
    ValidateIf((_, value) => value !== undefined),
    ApiProperty({ required: false }),
  );
