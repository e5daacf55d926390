import { Table, TableColumn, TableIndex, type MigrationInterface, type QueryRunner } from 'typeorm';

/** Revisions that never begin again, time to live, and the account of what each plugin stores (KV-6). */
export class KvVersion21763942400000 implements MigrationInterface {
  name = 'KvVersion21763942400000';

  async up(runner: QueryRunner): Promise<void> {
    const postgres = runner.dataSource.options.type === 'postgres';
    // SQLite's integers have 64 bits already; TypeORM would change a type by dropping the column and its data
    if (postgres) await runner.query('ALTER TABLE plugin_kv ALTER COLUMN revision TYPE bigint');
    await runner.addColumns('plugin_kv', [
      // bytes of UTF-8 of key and value, counted by the host: the same number whatever the encoding of the database
      new TableColumn({ name: 'size', type: 'integer', default: 0 }),
      // the end of its time to live: RFC 3339 as all times; null lives for ever
      new TableColumn({
        name: 'expires_at',
        type: 'varchar',
        length: '24',
        isNullable: true,
        ...(postgres ? { collation: 'C' } : {}),
      }),
    ]);
    const bytesOf = (column: string) =>
      postgres ? `octet_length(convert_to("${column}", 'UTF8'))` : `length(CAST("${column}" AS BLOB))`;
    await runner.query(`UPDATE plugin_kv SET size = ${bytesOf('key')} + ${bytesOf('value')}`);
    await runner.createIndex(
      'plugin_kv',
      new TableIndex({
        name: 'IX_plugin_kv_expiry',
        columnNames: ['plugin_id', 'expires_at'],
        where: '"expires_at" IS NOT NULL',
      }),
    );
    await runner.createTable(usage(postgres));
    await runner.query(
      `INSERT INTO plugin_kv_usage (plugin_id, bytes, revision)
       SELECT plugin_id, SUM(size), MAX(revision) FROM plugin_kv GROUP BY plugin_id`,
    );
    if (postgres) for (const definition of FUNCTIONS) await runner.query(definition);
  }

  async down(runner: QueryRunner): Promise<void> {
    const postgres = runner.dataSource.options.type === 'postgres';
    if (postgres) for (const name of ['write', 'purge', 'lock']) await runner.query(`DROP FUNCTION plugin_kv_${name}`);
    await runner.dropTable('plugin_kv_usage');
    await runner.dropIndex('plugin_kv', 'IX_plugin_kv_expiry');
    await runner.dropColumns('plugin_kv', ['size', 'expires_at']);
    if (!postgres) return;
    await runner.query('UPDATE plugin_kv SET revision = 2147483647 WHERE revision > 2147483647');
    await runner.query('ALTER TABLE plugin_kv ALTER COLUMN revision TYPE integer');
  }
}

/** One row for each plugin that ever stored something; it also is the lock of all who write for that plugin. */
function usage(postgres: boolean): Table {
  return new Table({
    name: 'plugin_kv_usage',
    columns: [
      {
        name: 'plugin_id',
        type: 'varchar',
        length: '64',
        isPrimary: true,
        ...(postgres ? { collation: 'C' } : {}),
      },
      // the sum of `size` over the plugin's rows, those included that have expired and were not removed yet
      { name: 'bytes', type: 'bigint' },
      // no key that is gone had a larger one: a new key begins behind it, so no revision ever comes back
      { name: 'revision', type: 'bigint' },
    ],
  });
}

/**
 * A write has to see the plugin's account and the key's row as they are after it got the lock, and a single statement
 * sees them as they were before. A function sees them anew with each of its statements, and costs one round trip.
 * SQLite does the same in `apps/server/src/kv/sqlite-kv-store.ts`.
 */
const FUNCTIONS = [
  `CREATE FUNCTION plugin_kv_lock(p_plugin text) RETURNS void LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  PERFORM 1 FROM plugin_kv_usage WHERE plugin_id = p_plugin FOR UPDATE;
  IF NOT FOUND THEN
    INSERT INTO plugin_kv_usage (plugin_id, bytes, revision) VALUES (p_plugin, 0, 0) ON CONFLICT DO NOTHING;
    PERFORM 1 FROM plugin_kv_usage WHERE plugin_id = p_plugin FOR UPDATE;
  END IF;
END $$`,

  // removes values whose time is over, at most p_limit of them (null: all), and answers how many
  `CREATE FUNCTION plugin_kv_purge(p_plugin text, p_now text, p_limit bigint) RETURNS bigint
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  v_count bigint;
  v_bytes bigint;
  v_last bigint;
BEGIN
  PERFORM plugin_kv_lock(p_plugin);
  WITH gone AS (
    DELETE FROM plugin_kv WHERE plugin_id = p_plugin AND "key" IN (
      SELECT k."key" FROM plugin_kv k WHERE k.plugin_id = p_plugin AND k.expires_at <= p_now
      ORDER BY k.expires_at LIMIT p_limit
    ) RETURNING size, revision
  ) SELECT count(*), sum(size), max(revision) INTO v_count, v_bytes, v_last FROM gone;
  IF v_count > 0 THEN
    UPDATE plugin_kv_usage SET bytes = bytes - v_bytes, revision = greatest(revision, v_last) WHERE plugin_id = p_plugin;
  END IF;
  RETURN v_count;
END $$`,

  // A value is stored: answers its revision. Null for the value deletes: answers 1 or 0, whether there was one.
  // -1: the revision is another one; -2: the quota is used up.
  `CREATE FUNCTION plugin_kv_write(
  p_plugin text, p_key text, p_value text, p_size integer, p_expires_at text, p_if_revision bigint, p_now text,
  p_quota bigint
) RETURNS bigint LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  v_before bigint;
  v_bytes bigint;
  v_last bigint;
  v_size integer;
  v_revision bigint;
  v_expires_at text;
  v_found boolean;
  v_live boolean;
  v_growth bigint;
BEGIN
  SELECT bytes, revision INTO v_before, v_last FROM plugin_kv_usage WHERE plugin_id = p_plugin FOR UPDATE;
  IF NOT FOUND THEN
    PERFORM plugin_kv_lock(p_plugin);
    SELECT bytes, revision INTO v_before, v_last FROM plugin_kv_usage WHERE plugin_id = p_plugin;
  END IF;
  SELECT size, revision, expires_at INTO v_size, v_revision, v_expires_at
    FROM plugin_kv WHERE plugin_id = p_plugin AND "key" = p_key;
  v_found := FOUND;
  v_live := v_found AND (v_expires_at IS NULL OR v_expires_at COLLATE "C" > p_now);
  IF p_if_revision <> (CASE WHEN v_live THEN v_revision ELSE 0 END) THEN RETURN -1; END IF;

  IF p_value IS NULL THEN
    IF v_found THEN
      DELETE FROM plugin_kv WHERE plugin_id = p_plugin AND "key" = p_key;
      UPDATE plugin_kv_usage SET bytes = bytes - v_size, revision = greatest(revision, v_revision)
        WHERE plugin_id = p_plugin;
    END IF;
    RETURN v_live::integer;
  END IF;

  v_growth := p_size - CASE WHEN v_live THEN v_size ELSE 0 END;
  v_bytes := v_before + p_size - CASE WHEN v_found THEN v_size ELSE 0 END;
  IF v_growth > 0 AND v_bytes > p_quota THEN
    PERFORM plugin_kv_purge(p_plugin, p_now, NULL);
    SELECT bytes, revision INTO v_before, v_last FROM plugin_kv_usage WHERE plugin_id = p_plugin;
    v_found := v_live;
    v_bytes := v_before + v_growth;
    IF v_bytes > p_quota THEN RETURN -2; END IF;
  END IF;
  IF v_found THEN v_last := v_revision; END IF;
  IF v_bytes <> v_before THEN
    UPDATE plugin_kv_usage SET bytes = v_bytes WHERE plugin_id = p_plugin;
  END IF;
  INSERT INTO plugin_kv (plugin_id, "key", "value", revision, updated_at, size, expires_at)
    VALUES (p_plugin, p_key, p_value, v_last + 1, p_now, p_size, p_expires_at)
    ON CONFLICT (plugin_id, "key") DO UPDATE SET "value" = excluded."value", revision = excluded.revision,
      updated_at = excluded.updated_at, size = excluded.size, expires_at = excluded.expires_at;
  RETURN v_last + 1;
END $$`,
];
