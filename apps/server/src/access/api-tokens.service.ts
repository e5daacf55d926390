import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { Role } from '@toru/contracts';
import { AppError, Clock, timestamp } from '../common';
import { ApiTokenEntity } from './api-token.entity';
import { ApiTokenStore } from './api-token.store';
import { AuthenticationService } from './authentication.service';
import type { Principal } from './principal';
import { API_TOKEN_PREFIX, newSecret, secretHash } from './secrets';

/** More than anybody keeps track of; it bounds the table and the list. */
const MAX_TOKENS = 1_000;

export interface NewApiToken {
  readonly name: string;
  readonly role: Role;
  /** RFC 3339; null: it does not expire. */
  readonly expiresAt: string | null;
}

/** API tokens. They have a role of their own and outlive the admin who made them, whose name stays on them. */
@Injectable()
export class ApiTokensService {
  constructor(
    private readonly tokens: ApiTokenStore,
    private readonly authentication: AuthenticationService,
    private readonly clock: Clock,
  ) {}

  async list(): Promise<readonly ApiTokenEntity[]> {
    return this.tokens.list();
  }

  /** The token and, this one time, its secret. */
  async create(
    input: NewApiToken,
    principal: Principal,
  ): Promise<{ readonly entity: ApiTokenEntity; readonly token: string }> {
    const expiresAt = input.expiresAt === null ? null : this.futureTime(input.expiresAt);
    if ((await this.tokens.count()) >= MAX_TOKENS) {
      throw new AppError('conflict', `There are ${MAX_TOKENS} tokens already. Revoke those that nobody uses.`);
    }
    const secret = newSecret();
    const entity: ApiTokenEntity = {
      id: randomUUID(),
      name: input.name,
      tokenHash: secretHash(secret),
      role: input.role,
      createdAt: timestamp(this.clock.now()),
      createdBy: principal.name.slice(0, 100),
      expiresAt,
      lastUsedAt: null,
    };
    await this.tokens.add(entity);
    return { entity, token: `${API_TOKEN_PREFIX}${secret}` };
  }

  /** @throws AppError `not_found` */
  async revoke(id: string): Promise<void> {
    const removed = await this.tokens.remove(id);
    this.authentication.forget();
    if (!removed) throw new AppError('not_found', 'There is no token with this id.');
  }

  private futureTime(text: string): string {
    const time = Date.parse(text);
    if (Number.isNaN(time) || time <= this.clock.now()) {
      throw new AppError('validation_failed', 'The token would have expired already.', {
        errors: [{ path: 'expires_at', message: 'must be a time in the future' }],
      });
    }
    return timestamp(time);
  }
}
