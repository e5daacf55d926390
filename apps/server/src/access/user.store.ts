import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { Role } from '@toru/contracts';
import { DataSource, type Repository } from 'typeorm';
import { Clock, timestamp } from '../common';
import { executeExclusively, executeSql, portableSql, withStorage, type SqlValue } from '../database';
import { UserEntity } from './user.entity';
import { usernameKey } from './username';

/** Addresses that are remembered for each user; the ones not used for longest go first. */
const MAX_SOURCES_PER_USER = 20;

export interface NewUser {
  readonly username: string;
  readonly passwordHash: string;
  readonly role: Role;
  readonly mustChangePassword: boolean;
}

/** What to change of a user; each of them voids the user's sessions. */
export interface UserChange {
  readonly role?: Role;
  readonly password?: { readonly hash: string; readonly mustChange: boolean };
}

const OTHER_ADMIN_EXISTS = `(SELECT COUNT(*) FROM users WHERE role = 'admin') > 1`;

/** Users in the database. */
@Injectable()
export class UserStore {
  private readonly users: Repository<UserEntity>;

  constructor(
    private readonly dataSource: DataSource,
    private readonly clock: Clock,
  ) {
    this.users = dataSource.getRepository(UserEntity);
  }

  async any(): Promise<boolean> {
    return (await this.run('SELECT id FROM users LIMIT 1', [])).rows.length > 0;
  }

  async list(): Promise<UserEntity[]> {
    return withStorage(() => this.users.find({ order: { usernameKey: 'ASC' } }));
  }

  async find(id: string): Promise<UserEntity | undefined> {
    return (await withStorage(() => this.users.findOneBy({ id }))) ?? undefined;
  }

  async findByName(username: string): Promise<UserEntity | undefined> {
    return (await withStorage(() => this.users.findOneBy({ usernameKey: usernameKey(username) }))) ?? undefined;
  }

  /** Adds a user; undefined when somebody has that name already. */
  async add(user: NewUser): Promise<UserEntity | undefined> {
    const at = timestamp(this.clock.now());
    const entity = this.users.create({
      ...{ id: randomUUID(), username: user.username, usernameKey: usernameKey(user.username) },
      ...{ passwordHash: user.passwordHash, role: user.role, mustChangePassword: user.mustChangePassword },
      ...{ sessionEpoch: 1, createdAt: at, updatedAt: at },
    });
    const { affected } = await this.run(
      `INSERT INTO users (id, username, username_key, password_hash, role, must_change_password, session_epoch,
         created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (username_key) DO NOTHING`,
      [
        ...[entity.id, entity.username, entity.usernameKey, entity.passwordHash, entity.role],
        ...[entity.mustChangePassword, entity.sessionEpoch, at, at],
      ],
    );
    return affected === 1 ? entity : undefined;
  }

  /**
   * Changes a user and voids all sessions of that user in the same statement. False when there is no such user, or when
   * no admin would be left.
   */
  async change(id: string, change: UserChange): Promise<boolean> {
    const set: [string, SqlValue][] = [['updated_at = ?', timestamp(this.clock.now())]];
    if (change.role !== undefined) set.push(['role = ?', change.role]);
    if (change.password !== undefined) {
      set.push(['password_hash = ?', change.password.hash], ['must_change_password = ?', change.password.mustChange]);
    }
    const demotes = change.role !== undefined && change.role !== 'admin';
    const { affected } = await this.runAlone(
      `UPDATE users SET ${set.map(([text]) => text).join(', ')}, session_epoch = session_epoch + 1
       WHERE id = ?${demotes ? ` AND (role <> 'admin' OR ${OTHER_ADMIN_EXISTS})` : ''}`,
      [...set.map(([, value]) => value), id],
    );
    return affected === 1;
  }

  /**
   * Replaces a password, if it is still the one that was checked, and voids all sessions. The new epoch, or undefined
   * when another change came first.
   */
  async replacePassword(user: UserEntity, passwordHash: string): Promise<number | undefined> {
    const { rows } = await this.run<{ session_epoch: number }>(
      `UPDATE users SET password_hash = ?, must_change_password = ?, session_epoch = session_epoch + 1, updated_at = ?
       WHERE id = ? AND password_hash = ? RETURNING session_epoch`,
      [passwordHash, false, timestamp(this.clock.now()), user.id, user.passwordHash],
    );
    return rows[0]?.session_epoch;
  }

  /** Removes a user with everything that hangs on it. False when there is none, or when no admin would be left. */
  async remove(id: string): Promise<boolean> {
    const sql = `DELETE FROM users WHERE id = ? AND (role <> 'admin' OR ${OTHER_ADMIN_EXISTS})`;
    return (await this.runAlone(sql, [id])).affected === 1;
  }

  /** Whether this user has signed in from there since the last change of password. */
  async knowsSource(userId: string, source: string): Promise<boolean> {
    const sql = 'SELECT 1 AS known FROM sign_in_sources WHERE user_id = ? AND source = ?';
    return (await this.run(sql, [userId, source])).rows.length > 0;
  }

  async rememberSource(userId: string, source: string): Promise<void> {
    await this.run(
      `INSERT INTO sign_in_sources (user_id, source, last_sign_in_at) VALUES (?, ?, ?)
       ON CONFLICT (user_id, source) DO UPDATE SET last_sign_in_at = excluded.last_sign_in_at`,
      [userId, source, timestamp(this.clock.now())],
    );
    await this.run(
      `DELETE FROM sign_in_sources WHERE user_id = ? AND source NOT IN (SELECT source FROM sign_in_sources
         WHERE user_id = ? ORDER BY last_sign_in_at DESC, source LIMIT ${MAX_SOURCES_PER_USER})`,
      [userId, userId],
    );
  }

  /** After a change of password: whoever knew the old one may have signed in from anywhere. */
  async forgetSources(userId: string): Promise<void> {
    await this.run('DELETE FROM sign_in_sources WHERE user_id = ?', [userId]);
  }

  private run<Row>(sql: string, parameters: readonly SqlValue[]) {
    return withStorage(() => executeSql<Row>(this.dataSource, portableSql(this.dataSource, sql), parameters));
  }

  private runAlone(sql: string, parameters: readonly SqlValue[]) {
    const text = portableSql(this.dataSource, sql);
    return withStorage(() => executeExclusively(this.dataSource, 'users', text, parameters));
  }
}
