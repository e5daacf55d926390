import type { DataSource } from 'typeorm';
import { sqliteHandle, withStorage, type SqliteHandle, type SqliteStatement } from '../database';
import {
  BatchRefusal,
  BatchResults,
  CONFLICT,
  KvStore,
  QUOTA_EXCEEDED,
  type KvRange,
  type KvStep,
  type KvWrite,
  type StoredItem,
  type StoredPage,
  type StoredValue,
} from './kv-store.port';
import { rangeCondition } from './list-sql';

interface ValueRow extends StoredValue {
  readonly expires_at: string | null;
}

/** The account of a plugin, and the row of a key, whose columns are null where there is none. */
interface StatRow {
  readonly bytes: number;
  readonly last: number;
  readonly size: number | null;
  readonly revision: number | null;
  readonly expires_at: string | null;
}

const NEW_ACCOUNT: StatRow = { bytes: 0, last: 0, size: null, revision: null, expires_at: null };

const GET = 'SELECT "value", revision, expires_at FROM plugin_kv WHERE plugin_id = ? AND "key" = ?';
const STAT = `SELECT usage.bytes, usage.revision AS last, kv.size, kv.revision, kv.expires_at FROM plugin_kv_usage AS usage
  LEFT JOIN plugin_kv AS kv ON kv.plugin_id = usage.plugin_id AND kv."key" = ? WHERE usage.plugin_id = ?`;
const PUT = `INSERT INTO plugin_kv (plugin_id, "key", "value", revision, updated_at, size, expires_at)
  VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (plugin_id, "key") DO UPDATE SET "value" = excluded."value",
  revision = excluded.revision, updated_at = excluded.updated_at, size = excluded.size, expires_at = excluded.expires_at`;
const DELETE = 'DELETE FROM plugin_kv WHERE plugin_id = ? AND "key" = ?';
const OPEN_ACCOUNT = 'INSERT INTO plugin_kv_usage (plugin_id, bytes, revision) VALUES (?, 0, 0)';
const SET_BYTES = 'UPDATE plugin_kv_usage SET bytes = ? WHERE plugin_id = ?';
const REMOVED = 'UPDATE plugin_kv_usage SET bytes = bytes - ?, revision = MAX(revision, ?) WHERE plugin_id = ?';
const EXPIRED = `SELECT "key", size, revision FROM plugin_kv WHERE plugin_id = ? AND expires_at <= ?
  ORDER BY expires_at LIMIT ?`;

/**
 * The embedded database has one connection for everybody, so a transaction must not await: it would take in what others
 * write meanwhile. The driver is synchronous, and so is all that happens here.
 */
export class SqliteKvStore extends KvStore {
  private readonly statements = new Map<string, SqliteStatement>();
  private readonly handle: SqliteHandle;
  private readonly atomically: <T>(work: () => T) => T;

  constructor(
    dataSource: DataSource,
    private readonly quotaBytes: number,
  ) {
    super();
    this.handle = sqliteHandle(dataSource);
    const transaction = this.handle.transaction((work) => work());
    this.atomically = <T>(work: () => T) => transaction.immediate(work) as T;
  }

  override get(namespace: string, key: string, now: string): Promise<StoredValue | null> {
    return attempt(() => this.read(namespace, key, now));
  }

  override write(namespace: string, write: KvWrite, now: string): Promise<number> {
    return attempt(() => this.atomically(() => this.apply(namespace, write, now)));
  }

  override list(namespace: string, range: KvRange, now: string): Promise<StoredPage> {
    return attempt(() => {
      const { where, parameters } = rangeCondition(namespace, range, now);
      const rows = this.statement(
        `SELECT "key", "value", revision, size FROM plugin_kv WHERE ${where} ORDER BY "key" LIMIT ?`,
      ).iterate(...parameters, range.limit + 1) as IterableIterator<StoredItem & { readonly size: number }>;
      const items: StoredItem[] = [];
      let bytes = 0;
      for (const { key, value, revision, size } of rows) {
        bytes += size;
        if (items.length === range.limit || (items.length > 0 && bytes > range.maxBytes)) return { items, more: true };
        items.push({ key, value, revision });
      }
      return { items, more: false };
    });
  }

  override batch(
    namespace: string,
    steps: readonly KvStep[],
    maxBytes: number,
    now: string,
  ): Promise<readonly (StoredValue | null | number)[] | BatchRefusal> {
    return attempt(() => {
      const results = new BatchResults(maxBytes);
      const perform = () => {
        for (const step of steps) {
          results.add(typeof step === 'string' ? this.read(namespace, step, now) : this.apply(namespace, step, now));
        }
      };
      try {
        this.atomically(perform);
        return results.outcomes;
      } catch (error) {
        if (error instanceof BatchRefusal) return error;
        throw error;
      }
    });
  }

  override namespaces(): Promise<readonly string[]> {
    return attempt(() => {
      const rows = this.statement('SELECT plugin_id FROM plugin_kv_usage').all() as { plugin_id: string }[];
      return rows.map((row) => row.plugin_id);
    });
  }

  override purge(namespace: string, now: string, limit: number): Promise<number> {
    return attempt(() => this.atomically(() => this.removeExpired(namespace, now, limit)));
  }

  private read(namespace: string, key: string, now: string): StoredValue | null {
    const row = this.statement(GET).get(namespace, key) as ValueRow | undefined;
    return row !== undefined && isLive(row.expires_at, now) ? { value: row.value, revision: row.revision } : null;
  }

  /** Inside a transaction. PostgreSQL does the same in the function `plugin_kv_write` (see the migrations). */
  private apply(namespace: string, { key, value, size, expiresAt, ifRevision }: KvWrite, now: string): number {
    const account = this.stat(namespace, key);
    const found = account.size !== null && account.revision !== null;
    const row = { size: account.size ?? 0, revision: account.revision ?? 0 };
    const live = found && isLive(account.expires_at, now);
    if (ifRevision !== null && ifRevision !== (live ? row.revision : 0)) return CONFLICT;

    if (value === null) {
      if (!found) return 0;
      this.statement(DELETE).run(namespace, key);
      this.statement(REMOVED).run(row.size, row.revision, namespace);
      return live ? 1 : 0;
    }

    let { bytes: before, last } = account;
    let bytes = before - row.size + size;
    const growth = size - (live ? row.size : 0);
    const purged = growth > 0 && bytes > this.quotaBytes;
    if (purged) {
      this.removeExpired(namespace, now, -1);
      ({ bytes: before, last } = this.stat(namespace, key));
      bytes = before + growth;
      if (bytes > this.quotaBytes) return QUOTA_EXCEEDED;
    }
    // an expired row is gone after a purge, and `last` knows its revision
    const revision = (live || (found && !purged) ? row.revision : last) + 1;
    if (bytes !== before) this.statement(SET_BYTES).run(bytes, namespace);
    this.statement(PUT).run(namespace, key, value, revision, now, size, expiresAt);
    return revision;
  }

  /** Inside a transaction; a `limit` of -1 means all. */
  private removeExpired(namespace: string, now: string, limit: number): number {
    const rows = this.statement(EXPIRED).all(namespace, now, limit) as {
      key: string;
      size: number;
      revision: number;
    }[];
    const remove = this.statement(DELETE);
    let bytes = 0;
    let last = 0;
    for (const { key, size, revision } of rows) {
      remove.run(namespace, key);
      bytes += size;
      last = Math.max(last, revision);
    }
    if (rows.length > 0) this.statement(REMOVED).run(bytes, last, namespace);
    return rows.length;
  }

  private stat(namespace: string, key: string): StatRow {
    const row = this.statement(STAT).get(key, namespace) as StatRow | undefined;
    if (row === undefined) this.statement(OPEN_ACCOUNT).run(namespace);
    return row ?? NEW_ACCOUNT;
  }

  private statement(sql: string): SqliteStatement {
    let statement = this.statements.get(sql);
    if (statement === undefined) {
      statement = this.handle.prepare(sql);
      this.statements.set(sql, statement);
    }
    return statement;
  }
}

function isLive(expiresAt: string | null, now: string): boolean {
  return expiresAt === null || expiresAt > now;
}

function attempt<T>(work: () => T): Promise<T> {
  return withStorage(async () => work());
}
