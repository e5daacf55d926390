import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { executeSql, portableSql, withStorage } from '../database';
import { ClockStore } from './clock-store.port';

const READ = 'SELECT highest_at FROM host_clock WHERE id = 1';
const REPLACE = `INSERT INTO host_clock (id, highest_at) VALUES (1, ?)
  ON CONFLICT (id) DO UPDATE SET highest_at = excluded.highest_at`;
/** Times are of one width (ADR 0004), so that they compare as text. */
const RAISE = `${REPLACE} WHERE host_clock.highest_at < excluded.highest_at`;

@Injectable()
export class TypeOrmClockStore extends ClockStore {
  constructor(@InjectDataSource() private readonly dataSource: DataSource) {
    super();
  }

  override async highest(): Promise<unknown> {
    const { rows } = await withStorage(() => executeSql<{ highest_at: unknown }>(this.dataSource, READ));
    return rows[0]?.highest_at;
  }

  override raise(time: string): Promise<void> {
    return this.write(RAISE, time);
  }

  override replace(time: string): Promise<void> {
    return this.write(REPLACE, time);
  }

  private async write(sql: string, time: string): Promise<void> {
    await withStorage(() => executeSql(this.dataSource, portableSql(this.dataSource, sql), [time]));
  }
}
