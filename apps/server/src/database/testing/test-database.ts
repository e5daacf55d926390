import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DataSource, type DataSourceOptions, type MixedList } from 'typeorm';
import { dataSourceOptions } from '../data-source-options';
import { openDataSource } from '../open-data-source';

/** An empty database of a test's own, with the schema applied. */
export interface TestDatabase {
  readonly dataSource: DataSource;
  /** Options for another connection to the same data: a second host, or the same one after a restart. */
  readonly options: DataSourceOptions;
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
  const options = { ...dataSourceOptions({ databaseUrl: undefined, dataDir }), entities } as DataSourceOptions;
  const dataSource = await openDataSource(options);
  return {
    dataSource,
    options,
    close: async () => {
      if (dataSource.isInitialized) await dataSource.destroy();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

async function openPostgres(url: string, entities: Entities): Promise<TestDatabase> {
  const schema = `test_${randomBytes(8).toString('hex')}`;
  const base = { ...dataSourceOptions({ databaseUrl: url, dataDir: '' }), entities };
  await administer(base as DataSourceOptions, `CREATE SCHEMA "${schema}"`);
  const options = {
    ...base,
    poolSize: 4,
    extra: { ...(base.extra as object), options: `-c search_path=${schema}` },
  } as DataSourceOptions;
  const dataSource = await openDataSource(options);
  return {
    dataSource,
    options,
    close: async () => {
      if (dataSource.isInitialized) await dataSource.destroy();
      await administer(base as DataSourceOptions, `DROP SCHEMA "${schema}" CASCADE`);
    },
  };
}

async function administer(options: DataSourceOptions, sql: string): Promise<void> {
  const admin = await new DataSource({ ...options, migrations: [] } as DataSourceOptions).initialize();
  try {
    await admin.query(sql);
  } finally {
    await admin.destroy();
  }
}
