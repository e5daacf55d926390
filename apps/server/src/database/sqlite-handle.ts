import type { DataSource } from 'typeorm';
import type { SqlValue } from './sql';

/** A prepared statement of better-sqlite3: everything about it is synchronous. */
export interface SqliteStatement {
  get(...parameters: readonly SqlValue[]): unknown;
  all(...parameters: readonly SqlValue[]): unknown[];
  iterate(...parameters: readonly SqlValue[]): IterableIterator<unknown>;
  run(...parameters: readonly SqlValue[]): { readonly changes: number };
}

/** The part of better-sqlite3's connection that a transaction of several statements needs. */
export interface SqliteHandle {
  prepare(sql: string): SqliteStatement;
  /** Makes a function that runs `work` in a transaction, or in a savepoint of one: make it once, it is not cheap. */
  transaction(work: (inner: () => unknown) => unknown): { immediate(inner: () => unknown): unknown };
}

/**
 * The connection of the embedded database, which everybody shares. Its own synchronous transactions are the only ones
 * that take in nobody else's statements: nothing else runs between their first and their last one.
 */
export function sqliteHandle(dataSource: DataSource): SqliteHandle {
  const { driver } = dataSource;
  if (!('databaseConnection' in driver)) throw new Error('this is not the embedded database');
  return driver.databaseConnection as SqliteHandle;
}
