import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { CrashDetails, CrashSummary } from '@toru/contracts';
import { DataSource } from 'typeorm';
import { executeSql, portableSql, withStorage, type SqlResult, type SqlValue } from '../database';
import { CrashStore, type NewCrash } from './crash-store.port';

const INSERT = `INSERT INTO plugin_crashes (plugin_id, "timestamp", summary, document) VALUES (?, ?, ?, ?)`;
const PRUNE = `DELETE FROM plugin_crashes WHERE plugin_id = ? AND id <= (
  SELECT id FROM plugin_crashes WHERE plugin_id = ? ORDER BY id DESC LIMIT 1 OFFSET ?)`;
const LIST = `SELECT id, summary AS content FROM plugin_crashes WHERE plugin_id = ? ORDER BY id DESC LIMIT ? OFFSET ?`;
const GET = `SELECT id, document AS content FROM plugin_crashes WHERE plugin_id = ? AND id = ?`;

interface Row {
  readonly id: number;
  readonly content: string;
}

@Injectable()
export class TypeOrmCrashStore extends CrashStore {
  constructor(@InjectDataSource() private readonly dataSource: DataSource) {
    super();
  }

  override async add(crash: NewCrash, keep: number): Promise<void> {
    const plugin = crash.plugin_id.toLowerCase();
    await this.run(INSERT, [plugin, crash.timestamp, JSON.stringify(toSummary(crash)), JSON.stringify(crash)]);
    await this.run(PRUNE, [plugin, plugin, keep]);
  }

  override async list(plugin: string, skip: number, limit: number): Promise<CrashSummary[]> {
    const { rows } = await this.run(LIST, [plugin.toLowerCase(), limit, skip]);
    return rows.map(({ id, content }) => ({ ...(JSON.parse(content) as Omit<CrashSummary, 'id'>), id }));
  }

  override async get(plugin: string, id: number): Promise<CrashDetails | undefined> {
    const { rows } = await this.run(GET, [plugin.toLowerCase(), id]);
    const [row] = rows;
    return row === undefined ? undefined : { ...(JSON.parse(row.content) as NewCrash), id: row.id };
  }

  private run(sql: string, values: readonly SqlValue[]): Promise<SqlResult<Row>> {
    return withStorage(() => executeSql<Row>(this.dataSource, portableSql(this.dataSource, sql), values));
  }
}

function toSummary(crash: NewCrash): Omit<CrashSummary, 'id'> {
  return {
    timestamp: crash.timestamp,
    version: crash.version,
    reason: crash.reason,
    exit_code: crash.exit_code,
    signal: crash.signal,
    out_of_memory: crash.out_of_memory,
    uptime_ms: crash.uptime_ms,
    requests_in_flight: crash.requests_in_flight,
    blamed_route: crash.blamed_route,
    decision: crash.decision,
  };
}
