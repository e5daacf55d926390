import { randomBytes } from 'node:crypto';

/** The database of one test: none means the host's own SQLite file in its data directory. */
export interface TestDatabase {
  readonly url: string | undefined;
  drop(): Promise<void>;
}

/** Which database this run of the suite is for. */
const ON_POSTGRES = process.env['TORU_TEST_DATABASE'] === 'postgres';

/** A new, empty database on the PostgreSQL that `npm test` started; with SQLite there is nothing to make. */
export async function createTestDatabase(): Promise<TestDatabase> {
  if (!ON_POSTGRES) return { url: undefined, drop: () => Promise.resolve() };
  const server = process.env['TORU_TEST_POSTGRES_URL'];
  if (server === undefined) throw new Error('TORU_TEST_POSTGRES_URL is not set: run the tests with "npm test".');
  const name = `toru_${randomBytes(6).toString('hex')}`;
  await query(server, `CREATE DATABASE ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => query(server, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`) };
}

async function query(url: string, sql: string): Promise<void> {
  // most files of tests are about the embedded database, and would load it for nothing
  const { default: pg } = await import('pg');
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
