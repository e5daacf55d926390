import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { DataSourceOptions } from 'typeorm';
import { MIGRATIONS } from './migrations';

/** The part of the configuration that decides where data live. */
export interface DatabaseSettings {
  /** `DATABASE_URL`; undefined: SQLite in `dataDir`. */
  readonly databaseUrl: string | undefined;
  readonly dataDir: string;
}

/** The file of the embedded database, inside the data directory. */
export const SQLITE_FILE = 'toru.sqlite';

/**
 * How long a statement waits for a lock that another process holds, in milliseconds. The driver is synchronous and the
 * whole host waits with it, so it is short: only backup tools ever hold a lock, and a caller is told to try again.
 */
const SQLITE_BUSY_TIMEOUT_MS = 500;

/** Connections of one host; PostgreSQL's own default allows a hundred for everybody. */
const POSTGRES_POOL_SIZE = 10;
/** How long the first answer of the server may take, in milliseconds. */
const POSTGRES_CONNECT_TIMEOUT_MS = 5_000;
/** The longest statement, in milliseconds: every query of the host is a matter of milliseconds. */
const POSTGRES_STATEMENT_TIMEOUT_MS = 10_000;
/** The client's own limit, for a server that has gone silent; longer than the server's, so that its answer comes first. */
const POSTGRES_QUERY_TIMEOUT_MS = 15_000;

/** Options for the embedded SQLite or for PostgreSQL. Entities come from the modules that own them. */
export function dataSourceOptions(settings: DatabaseSettings): DataSourceOptions {
  return settings.databaseUrl === undefined ? sqliteOptions(settings.dataDir) : postgresOptions(settings.databaseUrl);
}

const SHARED = {
  synchronize: false,
  // run by openDataSource, under a lock that keeps two hosts from migrating one database at the same time
  migrationsRun: false,
  migrations: [...MIGRATIONS],
  migrationsTableName: 'schema_migrations',
  // TypeORM's own logger prints parameters, and those hold hashes and values of plugins
  logging: false,
} satisfies Partial<DataSourceOptions>;

function sqliteOptions(dataDir: string): DataSourceOptions {
  return {
    ...SHARED,
    type: 'better-sqlite3',
    database: join(dataDir, SQLITE_FILE),
    timeout: SQLITE_BUSY_TIMEOUT_MS,
    enableWAL: true,
    prepareDatabase: (database: { pragma(text: string): unknown }) => {
      // with WAL, NORMAL loses nothing when the process is killed; only a power cut may take the last commits
      database.pragma('synchronous = NORMAL');
      database.pragma('foreign_keys = ON');
    },
  };
}

function postgresOptions(url: string): DataSourceOptions {
  return {
    ...SHARED,
    type: 'postgres',
    connectTimeoutMS: POSTGRES_CONNECT_TIMEOUT_MS,
    poolSize: POSTGRES_POOL_SIZE,
    applicationName: 'toru-steering-center',
    installExtensions: false,
    poolErrorHandler: () => {
      // an idle connection broke; the pool opens a new one for the next query, which reports what is wrong
    },
    extra: {
      // read by the driver itself: TypeORM's parser of URLs does not know sockets (`?host=/run/postgresql`)
      connectionString: url,
      statement_timeout: POSTGRES_STATEMENT_TIMEOUT_MS,
      query_timeout: POSTGRES_QUERY_TIMEOUT_MS,
      keepAlive: true,
    },
  };
}

/** Makes the file of the embedded database with access for its owner alone: it holds password hashes. */
export function createPrivateFile(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  closeSync(openSync(path, 'a', 0o600));
}
