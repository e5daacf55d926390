import { Injectable } from '@nestjs/common';
import { DataSource, type Repository } from 'typeorm';
import { Clock, timestamp } from '../common';
import { withStorage } from '../database';
import { ApiTokenEntity } from './api-token.entity';

/** API tokens in the database. It knows the hash of each one's secret, never the secret. */
@Injectable()
export class ApiTokenStore {
  private readonly tokens: Repository<ApiTokenEntity>;

  constructor(
    dataSource: DataSource,
    private readonly clock: Clock,
  ) {
    this.tokens = dataSource.getRepository(ApiTokenEntity);
  }

  async list(): Promise<ApiTokenEntity[]> {
    return withStorage(() => this.tokens.find({ order: { createdAt: 'DESC', id: 'ASC' } }));
  }

  async count(): Promise<number> {
    return withStorage(() => this.tokens.count());
  }

  async add(token: ApiTokenEntity): Promise<void> {
    await withStorage(() => this.tokens.insert(token));
  }

  /** The token with this hash, unless it has expired. */
  async find(tokenHash: string): Promise<ApiTokenEntity | undefined> {
    const token = await withStorage(() => this.tokens.findOneBy({ tokenHash }));
    if (token === null) return undefined;
    return token.expiresAt !== null && token.expiresAt <= timestamp(this.clock.now()) ? undefined : token;
  }

  /** Notes that the token was used. */
  async touch(id: string): Promise<void> {
    await withStorage(() => this.tokens.update({ id }, { lastUsedAt: timestamp(this.clock.now()) }));
  }

  /** False when there is no such token. */
  async remove(id: string): Promise<boolean> {
    return (await withStorage(() => this.tokens.delete({ id }))).affected === 1;
  }
}
