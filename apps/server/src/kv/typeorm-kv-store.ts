import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { executeSql, portableSql, withStorage } from '../database';
import { KvStore, type StoredValue } from './kv-store.port';

/** The column is a signed 32-bit integer on PostgreSQL; after the largest one counting begins again. */
const MAX_REVISION = 2 ** 31 - 1;

const GET = 'SELECT "value", revision FROM plugin_kv WHERE plugin_id = ? AND "key" = ?';
const SET = `INSERT INTO plugin_kv (plugin_id, "key", "value", revision, updated_at) VALUES (?, ?, ?, 1, ?)
  ON CONFLICT (plugin_id, "key") DO UPDATE
  SET "value" = excluded."value", revision = plugin_kv.revision % ${MAX_REVISION} + 1, updated_at = excluded.updated_at
  RETURNING revision`;
const DELETE = 'DELETE FROM plugin_kv WHERE plugin_id = ? AND "key" = ?';

/** One statement for each operation, its text always the same: the drivers keep it prepared. */
@Injectable()
export class TypeOrmKvStore extends KvStore {
  private readonly getSql: string;
  private readonly setSql: string;
  private readonly deleteSql: string;

  constructor(@InjectDataSource() private readonly dataSource: DataSource) {
    super();
    this.getSql = portableSql(dataSource, GET);
    this.setSql = portableSql(dataSource, SET);
    this.deleteSql = portableSql(dataSource, DELETE);
  }

  override async get(namespace: string, key: string): Promise<StoredValue | null> {
    const { rows } = await withStorage(() => executeSql<StoredValue>(this.dataSource, this.getSql, [namespace, key]));
    const row = rows[0];
    return row ? { value: row.value, revision: row.revision } : null;
  }

  override async set(namespace: string, key: string, value: string, updatedAt: string): Promise<number> {
    const { rows } = await withStorage(() =>
      executeSql<{ revision: number }>(this.dataSource, this.setSql, [namespace, key, value, updatedAt]),
    );
    const revision = rows[0]?.revision;
    if (revision === undefined) throw new Error('the database did not say under which revision it stored the value');
    return revision;
  }

  override async delete(namespace: string, key: string): Promise<boolean> {
    const { affected } = await withStorage(() => executeSql(this.dataSource, this.deleteSql, [namespace, key]));
    return affected > 0;
  }
}
