import type { DataSource } from 'typeorm';

export type DatabaseKind = 'sqlite' | 'postgres';

/** What one statement did. `rows` is filled by SELECT and by RETURNING. */
export interface SqlResult<Row> {
  readonly rows: Row[];
  readonly affected: number;
}

export type SqlValue = string | number | boolean | null;

export function databaseKind(dataSource: DataSource): DatabaseKind {
  return dataSource.options.type === 'postgres' ? 'postgres' : 'sqlite';
}

/**
 * A statement written with `?` for its parameters, in the form that this database wants (`$1`, `$2` … for PostgreSQL).
 * Make it once and keep it: both drivers cache prepared statements by their text.
 */
export function portableSql(dataSource: DataSource, sql: string): string {
  if (databaseKind(dataSource) === 'sqlite') return sql;
  let n = 0;
  return sql.replace(/\?/g, () => `$${(n += 1)}`);
}

/** `count` parameters for a list (`IN (…)`, `VALUES (…)`), numbered from `first` where the database numbers them. */
export function placeholders(dataSource: DataSource, count: number, first = 1): string {
  const postgres = databaseKind(dataSource) === 'postgres';
  return Array.from({ length: count }, (_, i) => (postgres ? `$${first + i}` : '?')).join(', ');
}

/**
 * Runs one statement and answers alike on both databases (`DataSource.query` answers an UPDATE with a row id on one and
 * with a pair on the other). `sql` is in the form of this database (`portableSql`).
 */
export async function executeSql<Row = Record<string, unknown>>(
  dataSource: DataSource,
  sql: string,
  parameters: readonly SqlValue[] = [],
): Promise<SqlResult<Row>> {
  const runner = dataSource.createQueryRunner();
  try {
    const result = await runner.query(sql, [...parameters], true);
    const rows = result.records as Row[];
    return { rows, affected: result.affected ?? rows.length };
  } finally {
    await runner.release();
  }
}

/**
 * Runs one statement that first looks at other rows of `table` and then writes (a count in a sub-select), such that no
 * other writer comes between. SQLite has one writer anyway. PostgreSQL needs the table's lock for that.
 *
 * There is deliberately no general transaction here: the embedded database has one connection, and a transaction that
 * awaits would take in, and roll back, what everybody else writes meanwhile. For the same reason use a repository's
 * `insert`, `update` and `delete`, never `save` or `remove`, which open a transaction.
 */
export async function executeExclusively<Row = Record<string, unknown>>(
  dataSource: DataSource,
  table: string,
  sql: string,
  parameters: readonly SqlValue[] = [],
): Promise<SqlResult<Row>> {
  if (databaseKind(dataSource) === 'sqlite') return executeSql<Row>(dataSource, sql, parameters);
  return dataSource.transaction(async (manager) => {
    await manager.query(`LOCK TABLE "${table}" IN SHARE ROW EXCLUSIVE MODE`);
    const result = await manager.queryRunner?.query(sql, [...parameters], true);
    const rows = (result?.records ?? []) as Row[];
    return { rows, affected: result?.affected ?? rows.length };
  });
}
