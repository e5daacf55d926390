import { Injectable, Logger } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { HttpLimits, JsonValue } from '@toru/contracts';
import { readHttpLimits } from '@toru/protocol';
import { DataSource } from 'typeorm';
import { executeSql, portableSql, withStorage } from '../database';
import { PluginLimitsStore, type StoredLimits } from './plugin-limits-store.port';

interface Row {
  readonly plugin_id: string;
  readonly limits: string;
  readonly revision: number;
  readonly updated_at: string;
}

const INSERT = `INSERT INTO plugin_limits (plugin_id, limits, revision, updated_at) VALUES (?, ?, 1, ?)
  ON CONFLICT (plugin_id) DO NOTHING RETURNING revision`;
const UPDATE = `UPDATE plugin_limits SET limits = ?, revision = revision + 1, updated_at = ?
  WHERE plugin_id = ? AND revision = ? RETURNING revision`;

@Injectable()
export class TypeOrmPluginLimitsStore extends PluginLimitsStore {
  private readonly logger = new Logger(TypeOrmPluginLimitsStore.name);
  /** The revision of each plugin's row that was complained of: all are read every few seconds. */
  private readonly complaints = new Map<string, number>();

  constructor(@InjectDataSource() private readonly dataSource: DataSource) {
    super();
  }

  override async all(): Promise<ReadonlyMap<string, StoredLimits>> {
    const { rows } = await withStorage(() =>
      executeSql<Row>(this.dataSource, 'SELECT plugin_id, limits, revision, updated_at FROM plugin_limits'),
    );
    return new Map(rows.map((row) => [row.plugin_id, this.toStored(row)]));
  }

  override async replace(pluginId: string, limits: HttpLimits, revision: number, now: string): Promise<boolean> {
    const text = JSON.stringify(limits);
    const { rows } = await withStorage(() =>
      revision === 0
        ? executeSql(this.dataSource, portableSql(this.dataSource, INSERT), [pluginId, text, now])
        : executeSql(this.dataSource, portableSql(this.dataSource, UPDATE), [text, now, pluginId, revision]),
    );
    return rows.length === 1;
  }

  /** What cannot be read, because somebody has edited the row or a later version wrote it, counts as not set. */
  private toStored({ plugin_id, limits, revision, updated_at: updatedAt }: Row): StoredLimits {
    const read = readHttpLimits(parse(limits));
    if (!read.ok && this.complaints.get(plugin_id) !== revision) {
      this.complaints.set(plugin_id, revision);
      this.logger.warn(`the limits of ${plugin_id} in the table plugin_limits cannot be read: none are set`);
    }
    return { limits: read.ok ? read.limits : {}, revision, updatedAt };
  }
}

function parse(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return undefined;
  }
}
