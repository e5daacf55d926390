import {
  Table,
  TableForeignKey,
  TableIndex,
  type MigrationInterface,
  type QueryRunner,
  type TableColumnOptions,
} from 'typeorm';

/** RFC 3339 in UTC with milliseconds has a fixed width, so it sorts as text. */
const TIMESTAMP = { type: 'varchar', length: '24' } as const;
const UUID = { type: 'varchar', length: '36' } as const;
/** SHA-256 in hexadecimal. */
const HASH = { type: 'varchar', length: '64' } as const;
const ROLE = { type: 'varchar', length: '16' } as const;

/** The tables of the first release. */
export class Initial1763683200000 implements MigrationInterface {
  name = 'Initial1763683200000';

  async up(runner: QueryRunner): Promise<void> {
    const tables = [instance(), pluginKv(bytewise(runner)), pluginEvents(bytewise(runner)), users(), signInSources()];
    for (const table of [...tables, sessions(), apiTokens()]) await runner.createTable(table);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const name of TABLES_IN_REVERSE) await runner.dropTable(name);
  }
}

const TABLES_IN_REVERSE = [
  'api_tokens',
  'sessions',
  'sign_in_sources',
  'users',
  'plugin_events',
  'plugin_kv',
  'instance',
];

/** SQLite compares bytes of its own accord; PostgreSQL compares by the language of the database unless told otherwise. */
function bytewise(runner: QueryRunner): { collation?: string } {
  return runner.dataSource.options.type === 'postgres' ? { collation: 'C' } : {};
}

function instance(): Table {
  return new Table({
    name: 'instance',
    columns: [
      { name: 'id', type: 'integer', isPrimary: true },
      { name: 'instance_id', ...UUID },
      { name: 'created_at', ...TIMESTAMP },
    ],
    checks: [{ name: 'CK_instance_single_row', expression: '"id" = 1' }],
  });
}

function pluginKv(order: Partial<TableColumnOptions>): Table {
  return new Table({
    name: 'plugin_kv',
    columns: [
      { name: 'plugin_id', type: 'varchar', length: '64', isPrimary: true, ...order },
      { name: 'key', type: 'varchar', length: '512', isPrimary: true, ...order },
      { name: 'value', type: 'text' },
      { name: 'revision', type: 'integer' },
      { name: 'updated_at', ...TIMESTAMP },
    ],
  });
}

function pluginEvents(order: Partial<TableColumnOptions>): Table {
  return new Table({
    name: 'plugin_events',
    columns: [
      { name: 'id', type: 'integer', isPrimary: true, isGenerated: true, generationStrategy: 'increment' },
      { name: 'plugin_id', type: 'varchar', length: '64', ...order },
      { name: 'event_type', type: 'varchar', length: '64', ...order },
      { name: 'timestamp', ...TIMESTAMP },
      { name: 'details', type: 'text' },
    ],
    indices: [
      new TableIndex({ name: 'IX_plugin_events_plugin', columnNames: ['plugin_id', 'id'] }),
      new TableIndex({ name: 'IX_plugin_events_type', columnNames: ['event_type', 'id'] }),
    ],
  });
}

function users(): Table {
  return new Table({
    name: 'users',
    columns: [
      { name: 'id', ...UUID, isPrimary: true },
      { name: 'username', type: 'varchar', length: '64' },
      // the name without letter case: what a name is compared by
      { name: 'username_key', type: 'varchar', length: '64' },
      { name: 'password_hash', type: 'varchar', length: '255' },
      { name: 'role', ...ROLE },
      { name: 'must_change_password', type: 'boolean' },
      // raised with every change of password or role: sessions of an older epoch are void, in the same statement
      { name: 'session_epoch', type: 'integer' },
      { name: 'created_at', ...TIMESTAMP },
      { name: 'updated_at', ...TIMESTAMP },
    ],
    indices: [new TableIndex({ name: 'UQ_users_username_key', columnNames: ['username_key'], isUnique: true })],
  });
}

/** Addresses from which somebody signed in before: strangers' failed guesses elsewhere do not slow these down. */
function signInSources(): Table {
  return new Table({
    name: 'sign_in_sources',
    columns: [
      { name: 'user_id', ...UUID, isPrimary: true },
      { name: 'source', type: 'varchar', length: '64', isPrimary: true },
      { name: 'last_sign_in_at', ...TIMESTAMP },
    ],
    foreignKeys: [ownedByUser('FK_sign_in_sources_user')],
  });
}

function sessions(): Table {
  return new Table({
    name: 'sessions',
    columns: [
      { name: 'id', ...UUID, isPrimary: true },
      { name: 'token_hash', ...HASH },
      { name: 'user_id', ...UUID },
      { name: 'epoch', type: 'integer' },
      { name: 'created_at', ...TIMESTAMP },
      { name: 'last_seen_at', ...TIMESTAMP },
      { name: 'expires_at', ...TIMESTAMP },
    ],
    foreignKeys: [ownedByUser('FK_sessions_user')],
    indices: [
      new TableIndex({ name: 'UQ_sessions_token_hash', columnNames: ['token_hash'], isUnique: true }),
      new TableIndex({ name: 'IX_sessions_user', columnNames: ['user_id'] }),
      new TableIndex({ name: 'IX_sessions_expiry', columnNames: ['expires_at'] }),
    ],
  });
}

/** A token outlives the admin who made it: `created_by` is the name at that time, not a reference. */
function apiTokens(): Table {
  return new Table({
    name: 'api_tokens',
    columns: [
      { name: 'id', ...UUID, isPrimary: true },
      { name: 'name', type: 'varchar', length: '100' },
      { name: 'token_hash', ...HASH },
      { name: 'role', ...ROLE },
      { name: 'created_at', ...TIMESTAMP },
      { name: 'created_by', type: 'varchar', length: '100' },
      { name: 'expires_at', ...TIMESTAMP, isNullable: true },
      { name: 'last_used_at', ...TIMESTAMP, isNullable: true },
    ],
    indices: [new TableIndex({ name: 'UQ_api_tokens_token_hash', columnNames: ['token_hash'], isUnique: true })],
  });
}

function ownedByUser(name: string): TableForeignKey {
  return new TableForeignKey({
    name,
    columnNames: ['user_id'],
    referencedTableName: 'users',
    referencedColumnNames: ['id'],
    onDelete: 'CASCADE',
  });
}
