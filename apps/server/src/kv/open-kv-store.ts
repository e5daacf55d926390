import type { DataSource } from 'typeorm';
import { databaseKind } from '../database';
import type { KvStore } from './kv-store.port';
import { PostgresKvStore } from './postgres-kv-store';
import { SqliteKvStore } from './sqlite-kv-store';

/** The store on this database; `quotaBytes` is what one plugin may keep in it, in bytes of UTF-8 of keys and values. */
export function openKvStore(dataSource: DataSource, quotaBytes: number): KvStore {
  return databaseKind(dataSource) === 'sqlite'
    ? new SqliteKvStore(dataSource, quotaBytes)
    : new PostgresKvStore(dataSource, quotaBytes);
}
