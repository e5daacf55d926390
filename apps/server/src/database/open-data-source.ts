import { DataSource, type DataSourceOptions } from 'typeorm';
import { AppError } from '../common';
import { createPrivateFile } from './data-source-options';

/** Names the lock under which one host at a time migrates a PostgreSQL database: any constant of ours will do. */
const MIGRATION_LOCK = 0x746f7275;

/**
 * Connects and brings the schema up to date.
 * @throws AppError `storage_unavailable` with one line that names the setting to look at, and never the password.
 */
export async function openDataSource(options: DataSourceOptions): Promise<DataSource> {
  const dataSource = new DataSource(options);
  try {
    if (options.type === 'better-sqlite3') createPrivateFile(options.database);
    await dataSource.initialize();
    await migrate(dataSource);
    return dataSource;
  } catch (error) {
    if (dataSource.isInitialized) await dataSource.destroy();
    // no cause: the driver's error may carry what the URL holds
    throw new AppError('storage_unavailable', describeFailure(options, error));
  }
}

async function migrate(dataSource: DataSource): Promise<void> {
  if (dataSource.options.type !== 'postgres') {
    await dataSource.runMigrations({ transaction: 'each' });
    return;
  }
  const lock = dataSource.createQueryRunner();
  try {
    await lock.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
    try {
      await dataSource.runMigrations({ transaction: 'each' });
    } finally {
      await lock.query('SELECT pg_advisory_unlock($1)', [MIGRATION_LOCK]);
    }
  } finally {
    await lock.release();
  }
}

function describeFailure(options: DataSourceOptions, error: unknown): string {
  const reason = reasonOf(error);
  if (options.type === 'better-sqlite3') {
    return `TORU_DATA_DIR: the database ${options.database} cannot be used: ${reason}`;
  }
  const url: unknown = (options.extra as { connectionString?: unknown } | undefined)?.connectionString;
  const target = typeof url === 'string' ? describeTarget(url) : 'PostgreSQL';
  return `DATABASE_URL: ${target} cannot be used: ${typeof url === 'string' ? withoutSecrets(reason, url) : reason}`;
}

function reasonOf(error: unknown): string {
  // a refused connection to a name with several addresses has one error for each, and no text of its own
  const first: unknown = error instanceof AggregateError && error.errors.length > 0 ? error.errors[0] : error;
  const text = first instanceof Error ? first.message : String(first);
  return text.split('\n', 1)[0]?.slice(0, 300) ?? '';
}

/** Server and database of a URL, without user and password. */
export function describeTarget(databaseUrl: string): string {
  let url: URL;
  try {
    url = new URL(databaseUrl);
  } catch {
    return 'PostgreSQL (the address could not be read)';
  }
  const socket = url.searchParams.get('host');
  const host = socket ?? (url.host === '' ? 'localhost' : decodeURIComponent(url.host));
  return `PostgreSQL at ${host}, database ${url.pathname.slice(1) || '(none named)'},`;
}

function withoutSecrets(text: string, databaseUrl: string): string {
  const secrets = [databaseUrl];
  try {
    const url = new URL(databaseUrl);
    secrets.push(url.password, decodeURIComponent(url.password), url.searchParams.get('password') ?? '');
  } catch {
    // an address that cannot be read may hold anything: say nothing that was derived from it
    return 'the address is not valid; expected postgresql://user:password@host:port/database';
  }
  return secrets.filter((s) => s !== '').reduce((rest, secret) => rest.replaceAll(secret, '***'), text);
}
