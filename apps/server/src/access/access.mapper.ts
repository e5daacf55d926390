import type { ApiToken } from '@toru/contracts';
import type { ApiTokenEntity } from './api-token.entity';
import type { ApiTokenDto, CreatedApiTokenDto } from './dto/api-token.dto';
import type { CurrentUserDto } from './dto/auth.dto';
import type { UserDto } from './dto/user.dto';
import type { Principal } from './principal';
import type { UserEntity } from './user.entity';

export function toCurrentUser(principal: Principal): CurrentUserDto {
  return {
    id: principal.id,
    name: principal.name,
    role: principal.role,
    kind: principal.kind,
    must_change_password: principal.mustChangePassword,
  };
}

/** The caller that somebody has just become by signing in. */
export function toSignedInUser(user: UserEntity): CurrentUserDto {
  return {
    id: user.id,
    name: user.username,
    role: user.role,
    kind: 'session',
    must_change_password: user.mustChangePassword,
  };
}

export function toUser(user: UserEntity): UserDto {
  return {
    id: user.id,
    username: user.username,
    role: user.role,
    must_change_password: user.mustChangePassword,
    created_at: user.createdAt,
    updated_at: user.updatedAt,
  };
}

export function toApiToken(token: ApiTokenEntity): ApiTokenDto {
  return apiTokenFields(token);
}

/** The one answer that holds the secret. */
export function toCreatedApiToken(entity: ApiTokenEntity, token: string): CreatedApiTokenDto {
  return { ...apiTokenFields(entity), token };
}

function apiTokenFields(token: ApiTokenEntity): ApiToken {
  return {
    id: token.id,
    name: token.name,
    role: token.role,
    created_at: token.createdAt,
    created_by: token.createdBy,
    expires_at: token.expiresAt,
    last_used_at: token.lastUsedAt,
  };
}
