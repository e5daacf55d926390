import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { Role } from '@toru/contracts';
import { DataSource } from 'typeorm';
import { Clock, timestamp } from '../common';
import { executeSql, portableSql, withStorage, type SqlValue } from '../database';
import { newSecret, secretHash } from './secrets';

/** A session ends so long after sign-in, in milliseconds, whatever happens. */
export const SESSION_LIFETIME_MS = 7 * 24 * 60 * 60_000;
/** And so long after its last request. */
export const SESSION_IDLE_MS = 24 * 60 * 60_000;
/** Devices of one person; the oldest sign-in goes first. */
const MAX_SESSIONS_PER_USER = 50;

/** A session that is valid now, with the user it belongs to. */
export interface LiveSession {
  readonly id: string;
  readonly last_seen_at: string;
  readonly user_id: string;
  readonly username: string;
  readonly role: Role;
  /** 0 or 1 from SQLite. */
  readonly must_change_password: boolean | number;
}

const FIND = `
  SELECT s.id, s.last_seen_at, u.id AS user_id, u.username, u.role, u.must_change_password
  FROM sessions s JOIN users u ON u.id = s.user_id AND u.session_epoch = s.epoch
  WHERE s.token_hash = ? AND s.expires_at > ? AND s.last_seen_at > ?`;
const COUNT = `
  SELECT COUNT(*) AS sessions FROM sessions s JOIN users u ON u.id = s.user_id AND u.session_epoch = s.epoch
  WHERE s.expires_at > ? AND s.last_seen_at > ?`;
const INSERT = `
  INSERT INTO sessions (id, token_hash, user_id, epoch, created_at, last_seen_at, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?)`;
const DELETE_EXPIRED = `DELETE FROM sessions WHERE expires_at <= ? OR last_seen_at <= ?`;
const DELETE_SURPLUS = `
  DELETE FROM sessions WHERE user_id = ? AND (epoch < ? OR id NOT IN (
    SELECT id FROM sessions WHERE user_id = ? ORDER BY created_at DESC, id LIMIT ${MAX_SESSIONS_PER_USER}))`;

/** Sessions in the database. It knows the hash of each one's secret, never the secret. */
@Injectable()
export class SessionStore {
  constructor(
    private readonly dataSource: DataSource,
    private readonly clock: Clock,
  ) {}

  /**
   * Begins a session, and clears away those that have ended. The epoch is the one that was read together with the
   * password: if that has changed since, the session is void from its first moment.
   */
  async create(userId: string, epoch: number): Promise<{ readonly id: string; readonly secret: string }> {
    const id = randomUUID();
    const secret = newSecret();
    const now = this.clock.now();
    const at = timestamp(now);
    const expires = timestamp(now + SESSION_LIFETIME_MS);
    await this.run(INSERT, [id, secretHash(secret), userId, epoch, at, at, expires]);
    await this.run(DELETE_EXPIRED, [at, timestamp(now - SESSION_IDLE_MS)]);
    await this.run(DELETE_SURPLUS, [userId, epoch, userId]);
    return { id, secret };
  }

  async find(tokenHash: string): Promise<LiveSession | undefined> {
    const now = this.clock.now();
    const parameters = [tokenHash, timestamp(now), timestamp(now - SESSION_IDLE_MS)];
    return (await this.run<LiveSession>(FIND, parameters)).rows[0];
  }

  /** How many sessions are valid now. */
  async count(): Promise<number> {
    const now = this.clock.now();
    const parameters = [timestamp(now), timestamp(now - SESSION_IDLE_MS)];
    return Number((await this.run<{ sessions: number | string }>(COUNT, parameters)).rows[0]?.sessions ?? 0);
  }

  /** Notes that the session was used. */
  async touch(id: string): Promise<void> {
    await this.run('UPDATE sessions SET last_seen_at = ? WHERE id = ?', [timestamp(this.clock.now()), id]);
  }

  async end(id: string): Promise<void> {
    await this.run('DELETE FROM sessions WHERE id = ?', [id]);
  }

  async endBySecret(secret: string): Promise<void> {
    await this.run('DELETE FROM sessions WHERE token_hash = ?', [secretHash(secret)]);
  }

  private run<Row>(sql: string, parameters: readonly SqlValue[]) {
    return withStorage(() => executeSql<Row>(this.dataSource, portableSql(this.dataSource, sql), parameters));
  }
}
