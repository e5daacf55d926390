import { Table, TableIndex, type MigrationInterface, type QueryRunner } from 'typeorm';

const TIMESTAMP = { type: 'varchar', length: '24' } as const;

/** What is remembered of plugins that fail: the counts and quarantines, and one document for each crash. */
export class PluginFailures1764115200000 implements MigrationInterface {
  name = 'PluginFailures1764115200000';

  async up(runner: QueryRunner): Promise<void> {
    const order = runner.dataSource.options.type === 'postgres' ? { collation: 'C' } : {};
    const plugin = { name: 'plugin_id', type: 'varchar', length: '64', ...order } as const;
    await runner.createTable(
      new Table({
        name: 'plugin_failures',
        columns: [
          { ...plugin, isPrimary: true },
          // these two stand in the record as well; here they are for people who look into the table
          { name: 'consecutive_crashes', type: 'integer' },
          { name: 'disabled_because', type: 'text', isNullable: true },
          { name: 'record', type: 'text' },
          { name: 'updated_at', ...TIMESTAMP },
        ],
      }),
    );
    await runner.createTable(
      new Table({
        name: 'plugin_crashes',
        columns: [
          { name: 'id', type: 'integer', isPrimary: true, isGenerated: true, generationStrategy: 'increment' },
          plugin,
          { name: 'timestamp', ...TIMESTAMP },
          // JSON: what a list shows of it, and the whole
          { name: 'summary', type: 'text' },
          { name: 'document', type: 'text' },
        ],
        indices: [new TableIndex({ name: 'IX_plugin_crashes_plugin', columnNames: ['plugin_id', 'id'] })],
      }),
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const name of ['plugin_crashes', 'plugin_failures']) await runner.dropTable(name);
  }
}
