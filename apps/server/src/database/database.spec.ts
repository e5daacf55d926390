import { chmod, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dataSourceOptions } from './data-source-options';
import { MIGRATIONS } from './migrations';
import { describeTarget, openDataSource } from './open-data-source';
import { databaseKind, executeExclusively, executeSql, placeholders, portableSql } from './sql';
import { openTestDatabase, type TestDatabase } from './testing';

describe('the database', () => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await openTestDatabase();
  });
  afterAll(async () => {
    await database.close();
  });

  const put = (pluginId: string, key: string) =>
    executeSql(
      database.dataSource,
      portableSql(
        database.dataSource,
        'INSERT INTO plugin_kv (plugin_id, "key", "value", revision, updated_at) VALUES (?, ?, ?, ?, ?)',
      ),
      [pluginId, key, 'v', 1, '2026-11-21T02:08:13.123Z'],
    );

  it('[KV-1] has the table plugin_kv, whose keys are ordered by their bytes', async () => {
    for (const key of ['b', 'B', 'a', 'ä', '_', 'a b', 'a-b', '𝄞', '\uFFFD']) await put('acme', key);
    const { rows } = await executeSql<{ key: string }>(
      database.dataSource,
      portableSql(database.dataSource, 'SELECT "key" FROM plugin_kv WHERE plugin_id = ? ORDER BY "key"'),
      ['acme'],
    );
    const keys = rows.map((row) => row.key);
    expect(keys).toEqual([...keys].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))));
    expect(keys).toHaveLength(9);
  });

  it('[OBS-3] numbers the rows of plugin_events upwards and never uses a number again', async () => {
    const { dataSource } = database;
    const insert = portableSql(
      dataSource,
      `INSERT INTO plugin_events (plugin_id, event_type, "timestamp", details) VALUES (?, ?, ?, ?) RETURNING id`,
    );
    const add = async () =>
      (await executeSql<{ id: number }>(dataSource, insert, ['acme', 'started', '2026-11-21T02:08:13.123Z', '{}']))
        .rows[0]?.id;
    const first = await add();
    const deleted = await executeSql(dataSource, 'DELETE FROM plugin_events');
    expect(deleted.affected).toBe(1);
    const second = await add();
    expect(typeof first).toBe('number');
    expect(second).toBeGreaterThan(first ?? Infinity);
  });

  it('answers an UPDATE with the number of rows on both databases', async () => {
    const { dataSource } = database;
    await put('count', 'a');
    await put('count', 'b');
    const sql = portableSql(dataSource, 'UPDATE plugin_kv SET revision = revision + 1 WHERE plugin_id = ?');
    expect((await executeSql(dataSource, sql, ['count'])).affected).toBe(2);
    expect((await executeExclusively(dataSource, 'plugin_kv', sql, ['count'])).affected).toBe(2);
    expect((await executeSql(dataSource, sql, ['nobody'])).affected).toBe(0);
  });

  it('applies no migration twice, and can be opened by a second host', async () => {
    const second = await openDataSource(database.options);
    try {
      expect(await second.query('SELECT name FROM schema_migrations')).toHaveLength(MIGRATIONS.length);
    } finally {
      await second.destroy();
    }
  });

  it('takes back what a migration did', async () => {
    const own = await openTestDatabase();
    try {
      for (const _ of MIGRATIONS) await own.dataSource.undoLastMigration();
      await expect(executeSql(own.dataSource, 'SELECT * FROM plugin_kv')).rejects.toThrow(/plugin_kv/);
      await own.dataSource.runMigrations();
      expect((await executeSql(own.dataSource, 'SELECT * FROM plugin_kv')).rows).toEqual([]);
    } finally {
      await own.close();
    }
  });

  it('[KV-6] takes over the values of the first release, and gives them back', async () => {
    const own = await openTestDatabase();
    const rows = () => own.dataSource.query('SELECT plugin_id, "key", "value" FROM plugin_kv ORDER BY "key"');
    try {
      const { dataSource } = own;
      const undoToFirstRelease = async (): Promise<void> => {
        for (const _ of MIGRATIONS.slice(1)) await dataSource.undoLastMigration();
      };
      await undoToFirstRelease();
      const insert = portableSql(
        dataSource,
        'INSERT INTO plugin_kv (plugin_id, "key", "value", revision, updated_at) VALUES (?, ?, ?, ?, ?)',
      );
      await executeSql(dataSource, insert, ['acme', 'ä', 'ü€', 7, '2026-11-21T02:08:13.123Z']);
      await executeSql(dataSource, insert, ['acme', 'z', '', 2147483647, '2026-11-21T02:08:13.123Z']);
      const before: unknown = await rows();
      await dataSource.runMigrations();
      const usage = await executeSql(dataSource, 'SELECT plugin_id, bytes, revision FROM plugin_kv_usage');
      expect(usage.rows.map((row) => Object.values(row).map(String))).toEqual([['acme', '8', '2147483647']]);
      await executeSql(dataSource, 'UPDATE plugin_kv SET revision = revision + 1');
      expect(await rows()).toEqual(before);
      await undoToFirstRelease();
      expect(await rows()).toEqual(before);
    } finally {
      await own.close();
    }
  });

  it('writes parameters as the database wants them', () => {
    const postgres = databaseKind(database.dataSource) === 'postgres';
    expect(portableSql(database.dataSource, 'a = ? AND b = ?')).toBe(
      postgres ? 'a = $1 AND b = $2' : 'a = ? AND b = ?',
    );
    expect(placeholders(database.dataSource, 2, 3)).toBe(postgres ? '$3, $4' : '?, ?');
  });
});

describe('the embedded database', () => {
  let dir: string;

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'toru-sqlite-'));
  });
  afterEach(async () => {
    await rm(dir, { recursive: true, force: true });
  });

  it('[KV-5] uses a write-ahead log, checks references and waits only briefly for a lock', async () => {
    const dataSource = await openDataSource(dataSourceOptions({ databaseUrl: undefined, dataDir: join(dir, 'data') }));
    try {
      const pragma = async (name: string) => Object.values((await dataSource.query(`PRAGMA ${name}`))[0])[0];
      expect(await pragma('journal_mode')).toBe('wal');
      expect(await pragma('synchronous')).toBe(1);
      expect(await pragma('foreign_keys')).toBe(1);
      expect(await pragma('busy_timeout')).toBe(500);
    } finally {
      await dataSource.destroy();
    }
  });

  it('can be read by its owner alone', async () => {
    const dataSource = await openDataSource(dataSourceOptions({ databaseUrl: undefined, dataDir: join(dir, 'data') }));
    try {
      for (const file of ['toru.sqlite', 'toru.sqlite-wal']) {
        expect((await stat(join(dir, 'data', file))).mode & 0o077).toBe(0);
      }
    } finally {
      await dataSource.destroy();
    }
  });

  it('[faults 30] names the setting when the file is no database', async () => {
    await writeFile(join(dir, 'toru.sqlite'), 'this is not a database, and it is longer than a header'.repeat(20));
    await expect(openDataSource(dataSourceOptions({ databaseUrl: undefined, dataDir: dir }))).rejects.toMatchObject({
      code: 'storage_unavailable',
      message: expect.stringMatching(/^TORU_DATA_DIR: .*not a database$/),
    });
  });

  it('[faults 30] names the setting when the directory cannot be made', async () => {
    await writeFile(join(dir, 'file'), '');
    await chmod(join(dir, 'file'), 0o600);
    await expect(
      openDataSource(dataSourceOptions({ databaseUrl: undefined, dataDir: join(dir, 'file') })),
    ).rejects.toThrow(/^TORU_DATA_DIR: /);
  });
});

describe('a PostgreSQL that cannot be used', () => {
  it.each([
    ['nobody listens', 'postgresql://toru:s3cret-word@127.0.0.1:1/toru', '127.0.0.1:1'],
    [
      'no such socket',
      'postgresql:///toru?host=/tmp/no-such-directory&user=toru&password=s3cret-word',
      '/tmp/no-such-directory',
    ],
    ['an address that cannot be read', 'postgresql://toru:s3cret-word@:port/toru', 'could not be read'],
  ])('[faults 18] %s: one line that names the setting and keeps the password', async (_, databaseUrl, target) => {
    const failure: unknown = await openDataSource(dataSourceOptions({ databaseUrl, dataDir: '/nowhere' })).catch(
      (error: unknown) => error,
    );
    expect(failure).toMatchObject({ code: 'storage_unavailable' });
    const { message } = failure as Error;
    expect(message).toMatch(/^DATABASE_URL: /);
    expect(message).toContain(target);
    expect(message).not.toContain('\n');
    expect(JSON.stringify([message, (failure as Error).cause])).not.toContain('s3cret-word');
  });

  it.each([
    ['postgresql://u:p@db.example:5433/toru', 'PostgreSQL at db.example:5433, database toru,'],
    ['postgresql:///toru?host=/tmp/pg&user=x', 'PostgreSQL at /tmp/pg, database toru,'],
    ['postgresql://u:p@%2Ftmp%2Fpg/toru', 'PostgreSQL at /tmp/pg, database toru,'],
  ])('describes %s without user and password', (url, expected) => {
    expect(describeTarget(url)).toBe(expected);
  });
});
