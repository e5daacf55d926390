import fc from 'fast-check';
import type { DataSource } from 'typeorm';
import { anyCharacter } from '@toru/testing';
import { AppError, SystemClock } from '../common';
import { openDataSource } from '../database/open-data-source';
import { openTestDatabase, type TestDatabase } from '../database/testing';
import { MAX_KEY_BYTES, MAX_VALUE_BYTES } from './kv-limits';
import { KvService } from './kv.service';
import { openKvStore } from './open-kv-store';

const QUOTA_BYTES = 64 * 1024 * 1024;

let database: TestDatabase;
let kv: KvService;

const serviceOn = (dataSource: DataSource): KvService =>
  new KvService(openKvStore(dataSource, QUOTA_BYTES), new SystemClock());

beforeAll(async () => {
  database = await openTestDatabase();
  kv = serviceOn(database.dataSource);
});
afterAll(() => database.close());

const refused = (work: Promise<unknown>, code: string): Promise<void> =>
  expect(work).rejects.toMatchObject({
    name: 'AppError',
    code,
    message: expect.stringMatching(/: .{10,}\.$/) as string,
  });

describe('KvService', () => {
  it('[KV-1] [KV-2] gives back what was set, and null for what was not', async () => {
    expect(await kv.get('acme', 'absent')).toBeNull();
    await kv.set('acme', 'k', 'first');
    await kv.set('acme', 'k', '');
    expect(await kv.get('acme', 'k')).toBe('');
  });

  it('[KV-1] stores rows of plugin_kv', async () => {
    await kv.set('rows', 'k', 'v');
    const rows: unknown = await database.dataSource.query(
      `SELECT plugin_id, "key", "value" FROM plugin_kv WHERE plugin_id = 'rows'`,
    );
    expect(rows).toEqual([{ plugin_id: 'rows', key: 'k', value: 'v' }]);
  });

  it('[KV-6] every write of a key has a larger revision than any before it, also after a delete', async () => {
    expect([await kv.set('rev', 'r', 'a'), await kv.set('rev', 'r', 'a'), await kv.set('rev', 'r', 'b')]).toEqual([
      1, 2, 3,
    ]);
    await kv.delete('rev', 'r');
    await kv.set('rev', 'other', 'x');
    await kv.delete('rev', 'other');
    expect(await kv.set('rev', 'r', 'c')).toBeGreaterThan(3);
  });

  it('[KV-6] revisions go on beyond 32 bits, as exact numbers', async () => {
    await kv.set('long-lived', 'r', 'a');
    await database.dataSource.query(`UPDATE plugin_kv SET revision = 9007199254740989 WHERE plugin_id = 'long-lived'`);
    expect(await kv.set('long-lived', 'r', 'b')).toBe(9007199254740990);
    expect(await kv.perform('long-lived', { action: 'get', key: 'r' })).toEqual({
      value: 'b',
      revision: 9007199254740990,
    });
  });

  it('[KV-1] counts every one of many sets at once, in their order', async () => {
    const revisions = await Promise.all(
      Array.from({ length: 150 }, (_, index) => kv.set('many', 'many', String(index))),
    );
    expect(revisions).toEqual(Array.from({ length: 150 }, (_, index) => index + 1));
    expect(await kv.get('many', 'many')).toBe('149');
  });

  it('[KV-3] removes a value, and says whether there was one', async () => {
    await kv.set('acme', 'gone', 'v');
    expect(await kv.delete('acme', 'gone')).toBe(true);
    expect(await kv.delete('acme', 'gone')).toBe(false);
    expect(await kv.get('acme', 'gone')).toBeNull();
  });

  it('[KV-4] plugins with the same key see only their own values; letter case makes no other plugin', async () => {
    await kv.set('one', 'k', '1');
    await kv.set('two', 'k', '2');
    await kv.delete('two', 'k');
    expect(await kv.get('One', 'k')).toBe('1');
    expect(await kv.get('two', 'k')).toBeNull();
  });

  it.each(['', '../one', 'one/k', 'one k', 'öne', 'o'.repeat(65)])('[KV-4] %j is nobody’s namespace', async (id) => {
    for (const work of [kv.get(id, 'k'), kv.set(id, 'k', 'v'), kv.delete(id, 'k')]) {
      await expect(work).rejects.toMatchObject({ code: 'plugin_not_found' });
    }
  });

  it('[KV-5] finds everything after a restart', async () => {
    await kv.set('acme', 'kept', 'for ever');
    const second = await openDataSource(database.options);
    try {
      expect(await serviceOn(second).get('acme', 'kept')).toBe('for ever');
    } finally {
      await second.destroy();
    }
  });

  it('[KV-1] any valid key and value come back exactly; no two keys are one', async () => {
    const text = fc.oneof(
      fc.string({ unit: anyCharacter(fc), maxLength: 40 }),
      fc.string({ unit: 'grapheme', maxLength: 40 }),
      fc.constantFrom(
        'é',
        'e\u0301',
        'Å',
        '\u212b',
        'a',
        'A',
        ' a',
        'a ',
        '%',
        '_',
        "'",
        '"',
        '\\',
        '__proto__',
        '\ufeff',
        '\uffff',
        '\n',
      ),
    );
    const valid = text.filter((value) => !value.includes('\u0000'));
    const pairs = fc.uniqueArray(
      fc.tuple(
        valid.filter((key) => key !== ''),
        valid,
      ),
      {
        selector: ([key]) => key,
        maxLength: 12,
      },
    );
    await fc.assert(
      fc.asyncProperty(pairs, async (entries) => {
        await database.dataSource.query(`DELETE FROM plugin_kv WHERE plugin_id = 'any'`);
        await Promise.all(entries.map(([key, value]) => kv.set('any', key, value)));
        for (const [key, value] of entries) expect(await kv.get('any', key)).toBe(value);
      }),
      { numRuns: 30 },
    );
  });

  it.each([
    ['empty', ''],
    ['too long', 'k'.repeat(MAX_KEY_BYTES + 1)],
    ['too long in bytes', '€'.repeat(171)],
    ['with a NUL', 'a\u0000b'],
    ['with half a surrogate pair', 'a\ud83eb'],
    ['with the other half', '\udde9'],
  ])('[KV-1] refuses a key that is %s, for every action', async (_, key) => {
    await refused(kv.get('acme', key), 'kv_key_invalid');
    await refused(kv.set('acme', key, 'v'), 'kv_key_invalid');
    await refused(kv.delete('acme', key), 'kv_key_invalid');
  });

  it('[KV-1] takes keys and values up to the limit, and not beyond it', async () => {
    const key = `${'€'.repeat(170)}kk`;
    const value = 'ä'.repeat(MAX_VALUE_BYTES / 2);
    await kv.set('acme', key, value);
    expect(await kv.get('acme', key)).toBe(value);
    await refused(kv.set('acme', key, `${value}v`), 'kv_value_too_large');
    await refused(kv.set('acme', key, 'a\u0000'), 'kv_value_invalid');
    await refused(kv.set('acme', key, 'a\ud83e'), 'kv_value_invalid');
    expect(await kv.get('acme', key)).toBe(value);
  });

  it('[KV-7] answers only a get with a value', async () => {
    expect(await kv.execute('acme', { action: 'set', key: 'x', value: 'y' })).toEqual({ value: null });
    expect(await kv.execute('acme', { action: 'get', key: 'x' })).toEqual({ value: 'y' });
    expect(await kv.execute('acme', { action: 'delete', key: 'x' })).toEqual({ value: null });
    expect(await kv.execute('acme', { action: 'get', key: 'x' })).toEqual({ value: null });
    await refused(kv.execute('acme', { action: 'set', key: 'x' }), 'kv_value_invalid');
    await refused(kv.execute('acme', { action: 'set', key: 'x', value: null }), 'kv_value_invalid');
  });

  it('[KV-1] answers a plugin’s message with errors as values', async () => {
    expect(await kv.handleKvRequest('acme', { action: 'get', key: '' })).toEqual({
      value: null,
      error: { code: 'kv_key_invalid', message: expect.stringContaining('empty') as string },
    });
  });

  it('[KV-5] a database that is gone is an error that says so, and no lost answer', async () => {
    const own = await openTestDatabase();
    const service = serviceOn(own.dataSource);
    await own.close();
    const failure: unknown = await service.set('acme', 'k', 'v').catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(AppError);
    expect(failure).toMatchObject({ code: 'storage_unavailable' });
    expect(await service.handleKvRequest('acme', { action: 'get', key: 'k' })).toMatchObject({
      value: null,
      error: { code: 'storage_unavailable' },
    });
  });
});
