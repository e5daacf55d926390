import type { KvListAnswerV2 } from '@toru/contracts';
import { FakeClock } from '@toru/testing';
import { openDataSource } from '../database/open-data-source';
import { openTestDatabase, type TestDatabase } from '../database/testing';
import { MAX_ANSWER_BYTES, MAX_VALUE_BYTES } from './kv-limits';
import { KvSweeper } from './kv-sweeper';
import { KvService } from './kv.service';
import { openKvStore } from './open-kv-store';

let database: TestDatabase;
let clock: FakeClock;
let kv: KvService;
let plugins = 0;
let plugin: string;

beforeAll(async () => {
  database = await openTestDatabase();
});
beforeEach(() => {
  clock = new FakeClock();
  kv = withQuota(64 * 1024 * 1024);
  plugin = `plugin-${(plugins += 1)}`;
});
afterAll(() => database.close());

function withQuota(bytes: number): KvService {
  return new KvService(openKvStore(database.dataSource, bytes), clock);
}

const ask = (payload: unknown) => kv.answer(plugin, payload);
const list = async (payload: object = {}) => (await ask({ action: 'list', ...payload })) as KvListAnswerV2;
const error = (code: string, message: string) => ({
  error: { code, message: expect.stringContaining(message) as string },
});
const storedBytes = async (): Promise<number> => {
  const rows: unknown = await database.dataSource.query(
    `SELECT SUM(size) AS bytes FROM plugin_kv WHERE plugin_id = '${plugin}'`,
  );
  return Number((rows as { bytes: unknown }[])[0]?.bytes);
};

describe('KvService, version 2', () => {
  it('[KV-6] a value is gone for every reader the moment its time is over', async () => {
    await ask({ action: 'set', key: 'k', value: 'v', ttl_ms: 1000 });
    clock.advance(999);
    expect(await kv.get(plugin, 'k')).toBe('v');
    clock.advance(1);
    expect(await ask({ action: 'get', key: 'k' })).toEqual({ value: null, revision: 0 });
    expect((await list()).items).toEqual([]);
    expect(await kv.get(plugin, 'k')).toBeNull();
    expect(await ask({ action: 'delete', key: 'k' })).toEqual({ deleted: false });
  });

  it('[KV-6] a set without a time to live takes the old one away', async () => {
    await ask({ action: 'set', key: 'k', value: 'v', ttl_ms: 1000 });
    await ask({ action: 'set', key: 'k', value: 'w' });
    clock.advance(2000);
    expect(await kv.get(plugin, 'k')).toBe('w');
  });

  it('[KV-6] of many who set with the same revision one succeeds', async () => {
    const first = await kv.set(plugin, 'k', 'first');
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, n) => ask({ action: 'set', key: 'k', value: String(n), if_revision: first })),
    );
    expect(answers.filter((answer) => !('error' in answer))).toHaveLength(1);
    expect(answers).toContainEqual(error('kv_conflict', 'read it again'));
    expect(await ask({ action: 'set', key: 'k', value: 'x', if_revision: 0 })).toEqual(
      error('kv_conflict', 'if_revision'),
    );
    expect(await ask({ action: 'delete', key: 'k', if_revision: first })).toEqual(error('kv_conflict', 'if_revision'));
  });

  it('[KV-6] a batch is done as a whole or not at all, and says which operation it was', async () => {
    await kv.set(plugin, 'old', 'o');
    const refused = await ask({
      action: 'batch',
      operations: [
        { action: 'set', key: 'new', value: 'n' },
        { action: 'delete', key: 'old' },
        { action: 'get', key: 'new' },
        { action: 'set', key: 'other', value: 'x', if_revision: 3 },
      ],
    });
    expect(refused).toEqual(error('kv_conflict', 'operations[3]: '));
    expect((await list()).items).toMatchObject([{ key: 'old', value: 'o' }]);
  });

  it('[KV-6] batches at once do not mix with each other, nor with what others write', async () => {
    const increment = async (): Promise<void> => {
      for (;;) {
        const now = (await ask({ action: 'get', key: 'a' })) as { value: string | null; revision: number };
        const value = String(Number(now.value) + 1);
        const answer = await ask({
          action: 'batch',
          operations: [
            { action: 'set', key: 'a', value, if_revision: now.revision },
            { action: 'set', key: 'b', value },
          ],
        });
        if (!('error' in answer)) return;
      }
    };
    await Promise.all([...Array.from({ length: 8 }, increment), kv.set(plugin, 'c', 'x'), kv.set('someone', 'c', 'y')]);
    expect(
      await ask({
        action: 'batch',
        operations: [
          { action: 'get', key: 'a' },
          { action: 'get', key: 'b' },
        ],
      }),
    ).toMatchObject({
      results: [{ value: '8' }, { value: '8' }],
    });
    expect(await kv.get('someone', 'c')).toBe('y');
  });

  it('[KV-6] a batch that reads more than an answer can hold is refused, and writes nothing', async () => {
    const value = 'v'.repeat(MAX_VALUE_BYTES);
    for (const key of ['a', 'b', 'c']) await kv.set(plugin, key, value);
    const reads = ['a', 'b', 'c'].map((key) => ({ action: 'get', key }));
    const operations = [{ action: 'set', key: 'd', value: 'x' }, ...reads];
    expect(await ask({ action: 'batch', operations })).toEqual(error('kv_value_too_large', 'operations[3]'));
    expect(await kv.get(plugin, 'd')).toBeNull();
  });

  it('[KV-6] lists in the order of the bytes, in pages, whatever is deleted between them', async () => {
    const keys = ['B', 'a', 'a/1', 'a/\u{10ffff}', 'a/\uffff', 'a/\ud7ff', 'a/\ud83e\udde9', 'a0', 'ä', '%', '_'];
    for (const key of keys) await kv.set(plugin, key, key);
    const sorted = [...keys].sort((x, y) => Buffer.compare(Buffer.from(x), Buffer.from(y)));
    expect((await list()).items.map((item) => item.key)).toEqual(sorted);

    const below = sorted.filter((key) => key.startsWith('a/'));
    const first = await list({ prefix: 'a/', limit: 2 });
    expect(first.items.map((item) => item.key)).toEqual(below.slice(0, 2));
    for (const key of below.slice(0, 3)) await kv.delete(plugin, key);
    const second = await list({ prefix: 'a/', limit: 2, cursor: first.cursor });
    expect(second).toMatchObject({ items: below.slice(3).map((key) => ({ key, value: key })), cursor: null });
  });

  it('[KV-6] a page of large values is shorter than its limit, and none is lost', async () => {
    const value = 'v'.repeat(MAX_VALUE_BYTES);
    for (let n = 0; n < 5; n += 1) await kv.set(plugin, `large-${n}`, value);
    const keys: string[] = [];
    let cursor: string | null = null;
    do {
      const page: KvListAnswerV2 = await list({ limit: 1000, cursor });
      expect(page.items.reduce((sum, item) => sum + item.value.length, 0)).toBeLessThanOrEqual(MAX_ANSWER_BYTES);
      keys.push(...page.items.map((item) => item.key));
      cursor = page.cursor;
    } while (cursor !== null);
    expect(keys).toEqual([0, 1, 2, 3, 4].map((n) => `large-${n}`));
  });

  it('[KV-6] takes only cursors that a list with the same prefix gave', async () => {
    for (const key of ['p1', 'p2', 'q']) await kv.set(plugin, key, 'v');
    const { cursor } = await list({ prefix: 'p', limit: 1 });
    expect(cursor).toMatch(/^[A-Za-z0-9_-]+$/);
    const wrong = ['', 'x', `${cursor}=`, `${cursor}A`, cursor?.slice(1), 'A'.repeat(5000), "' OR 1=1 --"];
    for (const each of wrong) {
      expect(await ask({ action: 'list', prefix: 'p', cursor: each })).toEqual(error('kv_cursor_invalid', 'unchanged'));
    }
    expect(await ask({ action: 'list', prefix: 'p1', cursor })).toEqual(error('kv_cursor_invalid', 'prefix'));
    expect(await ask({ action: 'list', prefix: 'p\u0000' })).toEqual(error('kv_key_invalid', 'The prefix'));
  });

  it('[KV-6] sets at once, from two hosts, never take more than the quota', async () => {
    const second = await openDataSource(database.options);
    try {
      const one = withQuota(1000);
      const other = new KvService(openKvStore(second, 1000), clock);
      const answers = await Promise.all(
        Array.from({ length: 60 }, (_, n) =>
          (n % 2 === 0 ? one : other).perform(plugin, {
            action: 'set',
            key: `key-${String(n).padStart(3, '0')}`,
            value: 'v'.repeat(93),
          }),
        ),
      );
      // 100 bytes each
      expect(answers.filter((answer) => !('error' in answer))).toHaveLength(10);
      expect(await storedBytes()).toBe(1000);
    } finally {
      await second.destroy();
    }
  });

  it('[KV-6] a full storage takes what makes it no larger, and what fits after something went', async () => {
    kv = withQuota(10);
    await kv.set(plugin, 'k', 'v'.repeat(9));
    expect(await ask({ action: 'set', key: 'k', value: 'ä'.repeat(5) })).toEqual(
      error('kv_quota_exceeded', 'TORU_KV_QUOTA_BYTES'),
    );
    await expect(kv.set(plugin, 'x', '')).rejects.toMatchObject({ code: 'kv_quota_exceeded', status: 507 });
    await kv.set(plugin, 'k', 'w'.repeat(9));
    kv = withQuota(5);
    await kv.set(plugin, 'k', 'w'.repeat(8));
    await kv.delete(plugin, 'k');
    await kv.set(plugin, 'x', 'abcd');
    expect(await storedBytes()).toBe(5);
  });

  it('[KV-6] what has expired takes no room, swept or not', async () => {
    kv = withQuota(10);
    await ask({ action: 'set', key: 'k', value: 'v'.repeat(9), ttl_ms: 5 });
    expect(await ask({ action: 'set', key: 'n', value: 'v'.repeat(9) })).toMatchObject({
      error: { code: 'kv_quota_exceeded' },
    });
    clock.advance(5);
    expect(await ask({ action: 'set', key: 'n', value: 'v'.repeat(9) })).toEqual({
      revision: expect.any(Number) as number,
    });
    expect(await storedBytes()).toBe(10);
  });

  it('[KV-6] a value that expired leaves its revision behind, whoever removed it', async () => {
    const store = openKvStore(database.dataSource, 10);
    kv = new KvService(store, clock);
    const set = async (value: string) =>
      (await ask({ action: 'set', key: 'k', value, ttl_ms: 5 })) as { revision: number };
    const revisions = [(await set('v')).revision, (await set('w')).revision];
    clock.advance(5);
    revisions.push((await set('over')).revision);
    clock.advance(5);
    await store.purge(plugin, new Date(clock.now()).toISOString(), 10);
    revisions.push((await set('swept')).revision);
    clock.advance(5);
    await ask({ action: 'set', key: 'x', value: 'made room' });
    await kv.delete(plugin, 'x');
    revisions.push((await set('v')).revision);
    for (const [index, revision] of revisions.entries()) expect(revision).toBeGreaterThan(revisions[index - 1] ?? 0);
  });

  it('[KV-6] the sweeper removes expired values in batches, and leaves the others', async () => {
    const store = openKvStore(database.dataSource, 1_000_000);
    for (let n = 0; n < 25; n += 1) await ask({ action: 'set', key: `short-${n}`, value: 'v', ttl_ms: 10 });
    await ask({ action: 'set', key: 'long', value: 'v', ttl_ms: 3_600_000_000 });
    clock.advance(10);
    const now = new Date(clock.now()).toISOString();
    expect([
      await store.purge(plugin, now, 20),
      await store.purge(plugin, now, 20),
      await store.purge(plugin, now, 20),
    ]).toEqual([20, 5, 0]);
    expect(await storedBytes()).toBe(5);

    for (const half of [0, 1]) {
      const operations = Array.from({ length: 75 }, (_, n) => ({
        action: 'set',
        key: `${half}-${n}`,
        value: 'v',
        ttl_ms: 10,
      }));
      await ask({ action: 'batch', operations });
    }
    clock.advance(10);
    let done = false;
    const swept = new KvSweeper(store, clock).sweep().finally(() => (done = true));
    let pauses = 0;
    while (!done) {
      pauses += clock.pending.length;
      clock.advance(1000);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(await swept).toBeGreaterThanOrEqual(150);
    expect(pauses).toBeGreaterThan(0);
    expect(await storedBytes()).toBe(5);
    expect(await kv.get(plugin, 'long')).toBe('v');
  });

  it('[KV-6] the sweeper comes back until it is stopped', async () => {
    const sweeper = new KvSweeper(openKvStore(database.dataSource, 1), clock);
    sweeper.onModuleInit();
    expect(clock.pending).toHaveLength(1);
    sweeper.onApplicationShutdown();
    expect(clock.pending).toHaveLength(0);
  });

  it('[KV-6] a database that is gone is an answer that says so', async () => {
    const own = await openTestDatabase();
    const gone = new KvService(openKvStore(own.dataSource, 1000), clock);
    await own.close();
    for (const payload of [
      { action: 'get', key: 'k' },
      { action: 'set', key: 'k', value: 'v' },
      { action: 'list' },
      { action: 'batch', operations: [{ action: 'get', key: 'k' }] },
    ]) {
      expect(await gone.answer(plugin, payload)).toMatchObject({ error: { code: 'storage_unavailable' } });
    }
  });
});
