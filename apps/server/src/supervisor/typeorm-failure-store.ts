import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { Clock, timestamp } from '../common';
import { executeSql, portableSql, withStorage } from '../database';
import { parseFailureRecord, type FailureRecord } from './failure-record';
import { FailureStore } from './failure-store.port';

interface Row {
  readonly plugin_id: string;
  readonly record: string;
}

@Injectable()
export class TypeOrmFailureStore extends FailureStore {
  private readonly upsert: string;

  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly clock: Clock,
  ) {
    super();
    this.upsert = portableSql(
      dataSource,
      `INSERT INTO plugin_failures (plugin_id, consecutive_crashes, disabled_because, record, updated_at)
       VALUES (?, ?, ?, ?, ?)
       ON CONFLICT (plugin_id) DO UPDATE SET consecutive_crashes = excluded.consecutive_crashes,
         disabled_because = excluded.disabled_because, record = excluded.record, updated_at = excluded.updated_at`,
    );
  }

  override async all(): Promise<ReadonlyMap<string, FailureRecord>> {
    const { rows } = await withStorage(() =>
      executeSql<Row>(this.dataSource, 'SELECT plugin_id, record FROM plugin_failures'),
    );
    return new Map(
      rows.flatMap((row) => {
        const record = parseFailureRecord(row.record);
        return record === undefined ? [] : [[row.plugin_id, record] as const];
      }),
    );
  }

  override async save(plugin: string, record: FailureRecord): Promise<void> {
    const now = timestamp(this.clock.now());
    const values = [plugin, record.count.inARow, record.disabledBecause, JSON.stringify(record), now];
    await withStorage(() => executeSql(this.dataSource, this.upsert, values));
  }
}
