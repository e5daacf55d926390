import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import {
  And,
  DataSource,
  LessThanOrEqual,
  MoreThan,
  MoreThanOrEqual,
  type FindManyOptions,
  type FindOptionsWhere,
} from 'typeorm';
import { executeSql, placeholders, portableSql, withStorage } from '../database';
import { EventStore, type EventFilter, type NewEvent, type StoredEvent } from './event-store.port';
import { PluginEventEntity } from './plugin-event.entity';

const COLUMNS = 4;

const PRUNE = `DELETE FROM plugin_events WHERE plugin_id = ? AND id <= (
  SELECT id FROM plugin_events WHERE plugin_id = ? ORDER BY id DESC LIMIT 1 OFFSET ?)`;

@Injectable()
export class TypeOrmEventStore extends EventStore {
  constructor(@InjectDataSource() private readonly dataSource: DataSource) {
    super();
  }

  override async append(events: readonly NewEvent[]): Promise<StoredEvent[]> {
    if (events.length === 0) return [];
    const rows = events.map((_, index) => `(${placeholders(this.dataSource, COLUMNS, index * COLUMNS + 1)})`);
    const sql = `INSERT INTO plugin_events (plugin_id, event_type, "timestamp", details)
      VALUES ${rows.join(', ')} RETURNING id`;
    const values = events.flatMap((event) => [event.pluginId, event.eventType, event.timestamp, event.details]);
    const result = await withStorage(() => executeSql<{ id: number }>(this.dataSource, sql, values));
    // the numbers are given in the order of the rows; RETURNING promises no order of its own
    const ids = result.rows.map((row) => row.id).sort((a, b) => a - b);
    return events.map((event, index) => ({ ...event, id: ids[index] ?? 0 }));
  }

  override list(filter: EventFilter, skip: number, limit: number): Promise<StoredEvent[]> {
    return this.find({ where: where(filter), order: { id: 'DESC' }, skip, take: limit });
  }

  override after(id: number, filter: EventFilter, limit: number): Promise<StoredEvent[]> {
    return this.find({ where: { ...where(filter), id: MoreThan(id) }, order: { id: 'ASC' }, take: limit });
  }

  override async latestId(): Promise<number> {
    const [newest] = await this.find({ where: {}, order: { id: 'DESC' }, take: 1 });
    return newest?.id ?? 0;
  }

  override async prune(pluginId: string, keep: number): Promise<void> {
    await withStorage(() =>
      executeSql(this.dataSource, portableSql(this.dataSource, PRUNE), [pluginId, pluginId, keep]),
    );
  }

  private async find(options: FindManyOptions<PluginEventEntity>): Promise<StoredEvent[]> {
    const repository = this.dataSource.getRepository(PluginEventEntity);
    const entities = await withStorage(() => repository.find(options));
    return entities.map(({ id, pluginId, eventType, timestamp, details }) => ({
      id,
      pluginId,
      eventType,
      timestamp,
      details,
    }));
  }
}

function where(filter: EventFilter): FindOptionsWhere<PluginEventEntity> {
  const bounds = [
    ...(filter.since === undefined ? [] : [MoreThanOrEqual(filter.since)]),
    ...(filter.until === undefined ? [] : [LessThanOrEqual(filter.until)]),
  ];
  return {
    ...(filter.pluginId === undefined ? {} : { pluginId: filter.pluginId }),
    ...(filter.eventType === undefined ? {} : { eventType: filter.eventType }),
    ...(bounds.length === 0 ? {} : { timestamp: And(...bounds) }),
  };
}
