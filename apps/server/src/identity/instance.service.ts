import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { timestamp, type Clock } from '../common';
import { executeSql, portableSql, withStorage } from '../database';

/** Who this installation is. The id is made at the first start and never changes (ID-1); plugins get it in `init`. */
export class InstanceService {
  private constructor(readonly instanceId: string) {}

  /**
   * Reads the id, or makes it. Whoever comes second, another host on the same database included, reads what the first
   * one wrote.
   */
  static async load(dataSource: DataSource, clock: Clock): Promise<InstanceService> {
    return withStorage(async () => {
      await executeSql(
        dataSource,
        portableSql(
          dataSource,
          'INSERT INTO instance (id, instance_id, created_at) VALUES (1, ?, ?) ON CONFLICT (id) DO NOTHING',
        ),
        [randomUUID(), timestamp(clock.now())],
      );
      const { rows } = await executeSql<{ instance_id: string }>(
        dataSource,
        'SELECT instance_id FROM instance WHERE id = 1',
      );
      const [row] = rows;
      if (row === undefined) throw new Error('the table instance is empty after a row was put into it');
      return new InstanceService(row.instance_id);
    });
  }
}
