import pg from 'pg';
import { waitFor } from './wait-for';

/** Runs a statement on the server of a database, beside it. */
export async function onServer(
  databaseUrl: string,
  sql: string,
  values: readonly unknown[] = [],
): Promise<pg.QueryResult> {
  const url = new URL(databaseUrl);
  url.pathname = '/postgres';
  const client = new pg.Client({ connectionString: url.href });
  await client.connect();
  try {
    return await client.query(sql, [...values]);
  } finally {
    await client.end();
  }
}

/** `toru_0123456789ab` */
export const nameOf = (databaseUrl: string): string => new URL(databaseUrl).pathname.slice(1);

/** Throws out whoever is connected to a database; resolves when the server does nothing for them any more. */
export async function terminateClients(databaseUrl: string): Promise<void> {
  const ended = await onServer(databaseUrl, `SELECT pid, pg_terminate_backend(pid) ${CLIENTS}`, [nameOf(databaseUrl)]);
  const pids = ended.rows.map((row: { pid: number }) => row.pid);
  await waitFor('the connections to end', async () => {
    const left = await onServer(databaseUrl, 'SELECT pid FROM pg_stat_activity WHERE pid = ANY($1)', [pids]);
    return left.rows.length === 0;
  });
}

/** Waits until the server does nothing any more for a host that was killed: it finishes what it was asked for. */
export async function untilNoClients(databaseUrl: string): Promise<void> {
  await waitFor('the server to have noticed', async () => {
    const left = await onServer(databaseUrl, `SELECT pid ${CLIENTS}`, [nameOf(databaseUrl)]);
    return left.rows.length === 0;
  });
}

const CLIENTS = "FROM pg_stat_activity WHERE datname = $1 AND backend_type = 'client backend'";
