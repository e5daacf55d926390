import type { DataSource, QueryRunner } from 'typeorm';
import { executeSql, portableSql, withStorage, type SqlValue } from '../database';
import {
  BatchRefusal,
  BatchResults,
  KvStore,
  type KvRange,
  type KvStep,
  type KvWrite,
  type StoredItem,
  type StoredPage,
  type StoredValue,
} from './kv-store.port';
import { rangeCondition } from './list-sql';
import { WriteGroups } from './write-groups';

/** `bigint` arrives as text: no revision comes near 2^53, where numbers would stop being exact. */
type BigintText = string;

interface ValueRow {
  readonly value: string;
  readonly revision: BigintText;
}

/** Runs a statement of this database; in a transaction, or on a connection of its own. */
type Execute = <Row>(sql: string, parameters: readonly unknown[]) => Promise<readonly Row[]>;

const GET = 'SELECT "value", revision, expires_at FROM plugin_kv WHERE plugin_id = $1 AND "key" = $2';
const WRITE = 'SELECT plugin_kv_write($1, $2, $3, $4, $5, $6, $7, $8) AS outcome';
const WRITE_GROUP = `SELECT plugin_kv_write($1, w.k, w.v, w.s, w.e, w.r, $7, $8) AS outcome
  FROM unnest($2::text[], $3::text[], $4::integer[], $5::text[], $6::bigint[]) WITH ORDINALITY AS w(k, v, s, e, r, n)
  ORDER BY w.n`;

/** What must not be seen half done is a function in the database (see the migrations), or a transaction around it. */
export class PostgresKvStore extends KvStore {
  private readonly groups = new WriteGroups((namespace, writes, now) =>
    this.writeAll(this.execute, namespace, writes, now),
  );

  constructor(
    private readonly dataSource: DataSource,
    private readonly quotaBytes: number,
  ) {
    super();
  }

  override get(namespace: string, key: string, now: string): Promise<StoredValue | null> {
    return withStorage(() => read(this.execute, namespace, key, now));
  }

  override write(namespace: string, write: KvWrite, now: string): Promise<number> {
    return withStorage(() => this.groups.write(namespace, write, now));
  }

  override async list(namespace: string, range: KvRange, now: string): Promise<StoredPage> {
    const { where, parameters } = rangeCondition(namespace, range, now);
    // the sum says how far the page reaches before the values themselves are read
    const sql = `SELECT "key", "value", revision, more FROM (
        SELECT "key", "value", revision, SUM(size) OVER page AS bytes, ROW_NUMBER() OVER page AS n,
          LEAD("key") OVER page IS NOT NULL AS more
        FROM plugin_kv WHERE ${where} WINDOW page AS (ORDER BY "key") ORDER BY "key" LIMIT ?
      ) AS rows WHERE n = 1 OR bytes <= ? ORDER BY "key"`;
    const rows = await withStorage(() =>
      this.execute<ValueRow & { readonly key: string; readonly more: boolean }>(portableSql(this.dataSource, sql), [
        ...parameters,
        range.limit,
        range.maxBytes,
      ]),
    );
    const items = rows.map(({ key, value, revision }): StoredItem => ({ key, value, revision: Number(revision) }));
    return { items, more: rows.at(-1)?.more ?? false };
  }

  override async batch(
    namespace: string,
    steps: readonly KvStep[],
    maxBytes: number,
    now: string,
  ): Promise<readonly (StoredValue | null | number)[] | BatchRefusal> {
    try {
      return await withStorage(() =>
        this.dataSource.transaction('READ COMMITTED', async ({ queryRunner }) => {
          if (queryRunner === undefined) throw new Error('a transaction without a connection');
          const execute = executeOn(queryRunner);
          await execute('SELECT plugin_kv_lock($1)', [namespace]);
          const results = new BatchResults(maxBytes);
          await this.perform(execute, namespace, steps, now, results);
          return results.outcomes;
        }),
      );
    } catch (error) {
      if (error instanceof BatchRefusal) return error;
      throw error;
    }
  }

  override async namespaces(): Promise<readonly string[]> {
    const rows = await withStorage(() =>
      this.execute<{ readonly plugin_id: string }>('SELECT plugin_id FROM plugin_kv_usage', []),
    );
    return rows.map((row) => row.plugin_id);
  }

  override async purge(namespace: string, now: string, limit: number): Promise<number> {
    const rows = await withStorage(() =>
      this.execute<{ readonly count: BigintText }>('SELECT plugin_kv_purge($1, $2, $3) AS count', [
        namespace,
        now,
        limit,
      ]),
    );
    return Number(rows[0]?.count);
  }

  /** Writes that follow each other go together. */
  private async perform(
    execute: Execute,
    namespace: string,
    steps: readonly KvStep[],
    now: string,
    results: BatchResults,
  ): Promise<void> {
    let writes: KvWrite[] = [];
    const flush = async () => {
      if (writes.length === 0) return;
      for (const outcome of await this.writeAll(execute, namespace, writes, now)) results.add(outcome);
      writes = [];
    };
    for (const step of steps) {
      if (typeof step !== 'string') {
        writes.push(step);
        continue;
      }
      await flush();
      results.add(await read(execute, namespace, step, now));
    }
    await flush();
  }

  private async writeAll(
    execute: Execute,
    namespace: string,
    writes: readonly KvWrite[],
    now: string,
  ): Promise<readonly number[]> {
    const [only] = writes;
    const rows =
      writes.length === 1 && only !== undefined
        ? await execute<{ readonly outcome: BigintText }>(WRITE, [
            namespace,
            ...[only.key, only.value, only.size, only.expiresAt, only.ifRevision],
            ...[now, this.quotaBytes],
          ])
        : await execute<{ readonly outcome: BigintText }>(WRITE_GROUP, [
            namespace,
            writes.map(({ key }) => key),
            writes.map(({ value }) => value),
            writes.map(({ size }) => size),
            writes.map(({ expiresAt }) => expiresAt),
            writes.map(({ ifRevision }) => ifRevision),
            ...[now, this.quotaBytes],
          ]);
    if (rows.length !== writes.length) throw new Error('the database did not answer every write');
    return rows.map(({ outcome }) => Number(outcome));
  }

  private readonly execute: Execute = async <Row>(sql: string, parameters: readonly unknown[]) =>
    (await executeSql<Row>(this.dataSource, sql, parameters as readonly SqlValue[])).rows;
}

function executeOn(runner: QueryRunner): Execute {
  return async <Row>(sql: string, parameters: readonly unknown[]) =>
    (await runner.query(sql, [...parameters], true)).records as Row[];
}

async function read(execute: Execute, namespace: string, key: string, now: string): Promise<StoredValue | null> {
  const [row] = await execute<ValueRow & { readonly expires_at: string | null }>(GET, [namespace, key]);
  if (row === undefined || (row.expires_at !== null && row.expires_at <= now)) return null;
  return { value: row.value, revision: Number(row.revision) };
}
