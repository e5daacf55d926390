import { MemoryKv } from './memory-kv';

describe('MemoryKv', () => {
  it('[LANG-4] [KV-6] keeps values with revisions that rise, and refuses those that are another one', () => {
    const kv = new MemoryKv();

    expect(kv.answerV2({ action: 'get', key: 'k' })).toEqual({ value: null, revision: 0 });
    expect(kv.answerV2({ action: 'set', key: 'k', value: 'a', if_revision: 0 })).toEqual({ revision: 1 });
    expect(kv.answerV2({ action: 'set', key: 'k', value: 'b', if_revision: 0 })).toMatchObject({
      error: { code: 'kv_conflict' },
    });
    expect(kv.answerV2({ action: 'get', key: 'k' })).toEqual({ value: 'a', revision: 1 });
    expect(kv.answerV2({ action: 'delete', key: 'k' })).toEqual({ deleted: true });
    expect(kv.answerV2({ action: 'delete', key: 'k' })).toEqual({ deleted: false });
  });

  it('[LANG-4] [KV-6] lists by prefix, page by page', () => {
    const kv = new MemoryKv();
    for (const key of ['b', 'a2', 'a1', 'a3']) kv.answerV2({ action: 'set', key, value: key });
    const first = kv.answerV2({ action: 'list', prefix: 'a', limit: 2 }) as { cursor: string };

    expect(first).toMatchObject({ items: [{ key: 'a1' }, { key: 'a2' }], cursor: 'a2' });
    expect(kv.answerV2({ action: 'list', prefix: 'a', limit: 2, cursor: first.cursor })).toMatchObject({
      items: [{ key: 'a3' }],
      cursor: null,
    });
  });

  it('[LANG-4] refuses everything when it is told to, in both versions', () => {
    const kv = new MemoryKv();
    kv.refuses = true;

    expect(kv.answerV1({ action: 'get', key: 'k' })).toMatchObject({
      value: null,
      error: { code: 'storage_unavailable' },
    });
    expect(kv.answerV2({ action: 'get', key: 'k' })).toMatchObject({ error: { code: 'storage_unavailable' } });
  });
});
