import { Table, type MigrationInterface, type QueryRunner } from 'typeorm';

const TIMESTAMP = { type: 'varchar', length: '24' } as const;
const PLUGIN_ID = { name: 'plugin_id', type: 'varchar', length: '64', isPrimary: true } as const;

/** Licence keys that were entered, what was told of their ends, and the highest time that was seen (LIC-1, LIC-5). */
export class PluginLicences1764200000000 implements MigrationInterface {
  name = 'PluginLicences1764200000000';

  async up(runner: QueryRunner): Promise<void> {
    // times compare as text, by their characters alone
    const order = runner.dataSource.options.type === 'postgres' ? { collation: 'C' } : {};
    await runner.createTable(
      new Table({
        name: 'plugin_licenses',
        columns: [PLUGIN_ID, { name: 'license_key', type: 'text' }, { name: 'entered_at', ...TIMESTAMP }],
      }),
    );
    await runner.createTable(
      new Table({
        name: 'license_notices',
        columns: [
          PLUGIN_ID,
          // SHA-256 in hexadecimal: a changed key begins anew
          { name: 'key_digest', type: 'varchar', length: '64' },
          // the smallest number of days left that was told of; 0: that it has ended
          { name: 'days', type: 'integer' },
        ],
      }),
    );
    await runner.createTable(
      new Table({
        name: 'host_clock',
        columns: [
          { name: 'id', type: 'integer', isPrimary: true },
          { name: 'highest_at', ...TIMESTAMP, ...order },
        ],
      }),
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const name of ['host_clock', 'license_notices', 'plugin_licenses']) await runner.dropTable(name);
  }
}
