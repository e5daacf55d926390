import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { JsonObject } from '@toru/contracts';
import { DataSource } from 'typeorm';
import { executeSql, portableSql, withStorage } from '../database';
import { PluginSettingsStore, type StoredSettings } from './plugin-settings-store.port';

interface Row {
  readonly settings: string;
  readonly revision: number;
  readonly updated_at: string;
}

const READ = 'SELECT settings, revision, updated_at FROM plugin_settings WHERE plugin_id = ?';
const INSERT = `INSERT INTO plugin_settings (plugin_id, settings, revision, updated_at) VALUES (?, ?, 1, ?)
  ON CONFLICT (plugin_id) DO NOTHING RETURNING revision`;
const UPDATE = `UPDATE plugin_settings SET settings = ?, revision = revision + 1, updated_at = ?
  WHERE plugin_id = ? AND revision = ? RETURNING revision`;

@Injectable()
export class TypeOrmPluginSettingsStore extends PluginSettingsStore {
  constructor(@InjectDataSource() private readonly dataSource: DataSource) {
    super();
  }

  override async read(pluginId: string): Promise<StoredSettings | undefined> {
    const sql = portableSql(this.dataSource, READ);
    const { rows } = await withStorage(() => executeSql<Row>(this.dataSource, sql, [pluginId]));
    const row = rows[0];
    if (row === undefined) return undefined;
    // written by `replace` alone, after validation
    return { values: JSON.parse(row.settings) as JsonObject, revision: row.revision, updatedAt: row.updated_at };
  }

  override async replace(pluginId: string, values: JsonObject, revision: number, now: string): Promise<boolean> {
    const text = JSON.stringify(values);
    const { rows } = await withStorage(() =>
      revision === 0
        ? executeSql(this.dataSource, portableSql(this.dataSource, INSERT), [pluginId, text, now])
        : executeSql(this.dataSource, portableSql(this.dataSource, UPDATE), [text, now, pluginId, revision]),
    );
    return rows.length === 1;
  }
}
