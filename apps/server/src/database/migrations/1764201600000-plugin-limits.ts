import { Table, type MigrationInterface, type QueryRunner } from 'typeorm';

/** How administrators bound the requests to plugins. */
export class PluginLimits1764201600000 implements MigrationInterface {
  name = 'PluginLimits1764201600000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.createTable(
      new Table({
        name: 'plugin_limits',
        columns: [
          { name: 'plugin_id', type: 'varchar', length: '64', isPrimary: true },
          // a JSON object
          { name: 'limits', type: 'text' },
          { name: 'revision', type: 'integer' },
          { name: 'updated_at', type: 'varchar', length: '24' },
        ],
      }),
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropTable('plugin_limits');
  }
}
