import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { executeSql, portableSql, withStorage, type SqlResult, type SqlValue } from '../database';
import { LicenceStore, type EnteredKey } from './licence-store.port';

interface Row {
  readonly plugin_id: string;
  readonly license_key: string;
  readonly entered_at: string;
}

const LIST = 'SELECT plugin_id, license_key, entered_at FROM plugin_licenses';
const READ = `${LIST} WHERE plugin_id = ?`;
const WRITE = `INSERT INTO plugin_licenses (plugin_id, license_key, entered_at) VALUES (?, ?, ?)
  ON CONFLICT (plugin_id) DO UPDATE SET license_key = excluded.license_key, entered_at = excluded.entered_at`;
const REMOVE = 'DELETE FROM plugin_licenses WHERE plugin_id = ?';
const CLAIM = `INSERT INTO license_notices (plugin_id, key_digest, days) VALUES (?, ?, ?)
  ON CONFLICT (plugin_id) DO UPDATE SET key_digest = excluded.key_digest, days = excluded.days
  WHERE license_notices.key_digest <> excluded.key_digest OR license_notices.days > excluded.days
  RETURNING days`;

@Injectable()
export class TypeOrmLicenceStore extends LicenceStore {
  constructor(@InjectDataSource() private readonly dataSource: DataSource) {
    super();
  }

  override async read(pluginId: string): Promise<EnteredKey | undefined> {
    const [row] = (await this.execute<Row>(READ, [pluginId])).rows;
    return row && toEnteredKey(row);
  }

  override async list(): Promise<ReadonlyMap<string, EnteredKey>> {
    const { rows } = await this.execute<Row>(LIST);
    return new Map(rows.map((row) => [row.plugin_id, toEnteredKey(row)]));
  }

  override async write(pluginId: string, { key, enteredAt }: EnteredKey): Promise<void> {
    await this.execute(WRITE, [pluginId, key, enteredAt]);
  }

  override async remove(pluginId: string): Promise<void> {
    await this.execute(REMOVE, [pluginId]);
  }

  override async claimNotice(pluginId: string, keyDigest: string, days: number): Promise<boolean> {
    return (await this.execute(CLAIM, [pluginId, keyDigest, days])).rows.length === 1;
  }

  private execute<R>(sql: string, values: readonly SqlValue[] = []): Promise<SqlResult<R>> {
    return withStorage(() => executeSql<R>(this.dataSource, portableSql(this.dataSource, sql), values));
  }
}

function toEnteredKey({ license_key, entered_at }: Row): EnteredKey {
  return { key: license_key, enteredAt: entered_at };
}
