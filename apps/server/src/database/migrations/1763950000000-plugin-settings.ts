import { Table, type MigrationInterface, type QueryRunner } from 'typeorm';

/** What administrators have set for plugins (MGR-5). */
export class PluginSettings1763950000000 implements MigrationInterface {
  name = 'PluginSettings1763950000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.createTable(
      new Table({
        name: 'plugin_settings',
        columns: [
          { name: 'plugin_id', type: 'varchar', length: '64', isPrimary: true },
          // a JSON object
          { name: 'settings', type: 'text' },
          { name: 'revision', type: 'integer' },
          { name: 'updated_at', type: 'varchar', length: '24' },
        ],
      }),
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropTable('plugin_settings');
  }
}
