import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DataSource, type DataSourceOptions, type MixedList } from 'typeorm';
import { dataSourceOptions, type DatabaseSettings } from '../data-source-options';
import { openDataSource } from '../open-data-source';

/** An empty database of a test's own, with the schema applied. */
export interface TestDatabase {
  readonly dataSource: DataSource;
  /** Options for another connection to the same data: a second host, or the same one after a restart. */
  readonly options: DataSourceOptions;
  /** The same data, as the configuration of a host names it. */
  readonly settings: DatabaseSettings;
  close(): Promise<void>;
}

type Entities = MixedList<Function>; // eslint-disable-line @typescript-eslint/no-unsafe-function-type -- TypeORM's own type

/** SQLite in a temporary directory; where `TORU_TEST_DATABASE_URL` names a PostgreSQL, a schema of its own there. */
export async function openTestDatabase(entities: Entities = []): Promise<TestDatabase> {
  const url = process.env['TORU_TEST_DATABASE_URL'];
  return url === undefined || url === '' ? openSqlite(entities) : openPostgres(url, entities);
}

async function openSqlite(entities: Entities): Promise<TestDatabase> {
  const dataDir = await mkdtemp(join(tmpdir(), 'toru-db-'));
  return open({ databaseUrl: undefined, dataDir }, entities, () => rm(dataDir, { recursive: true, force: true }));
}

async function openPostgres(url: string, entities: Entities): Promise<TestDatabase> {
  const schema = `test_${randomBytes(8).toString('hex')}`;
  const own = new URL(url);
  own.searchParams.set('options', `-c search_path=${schema}`);
  await administer(url, `CREATE SCHEMA "${schema}"`);
  // spaces as %20: the server's driver does not read + as one
  const databaseUrl = own.href.replaceAll('+', '%20');
  return open({ databaseUrl, dataDir: '' }, entities, () => administer(url, `DROP SCHEMA "${schema}" CASCADE`));
}

async function open(settings: DatabaseSettings, entities: Entities, drop: () => Promise<void>): Promise<TestDatabase> {
  const options = { ...dataSourceOptions(settings), entities } as DataSourceOptions;
  const dataSource = await openDataSource(options);
  return {
    dataSource,
    options,
    settings,
    close: async () => {
      if (dataSource.isInitialized) await dataSource.destroy();
      await drop();
    },
  };
}

async function administer(url: string, sql: string): Promise<void> {
  const options = { ...dataSourceOptions({ databaseUrl: url, dataDir: '' }), migrations: [] } as DataSourceOptions;
  const admin = await new DataSource(options).initialize();
  try {
    await admin.query(sql);
  } finally {
    await admin.destroy();
  }
}
