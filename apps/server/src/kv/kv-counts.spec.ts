import { KvCounts } from './kv-counts';

describe('KvCounts', () => {
  it('[OBS-5] counts operations by how they end, and lets their answers and errors through', async () => {
    const counts = new KvCounts();
    await expect(counts.count('Acme', 'get', Promise.resolve('value'))).resolves.toBe('value');
    await expect(counts.count('acme', 'get', Promise.reject(new Error('refused')))).rejects.toThrow('refused');
    await counts.count('acme', 'batch', Promise.resolve());
    expect(counts.of('acme')).toMatchObject({ get: { done: 1, refused: 1 }, batch: { done: 1, refused: 0 } });
    expect(counts.of('other').get.done).toBe(0);
  });

  it('[OBS-5] forgets plugins that are gone', async () => {
    const counts = new KvCounts();
    await counts.count('acme', 'set', Promise.resolve());
    await counts.count('gone', 'set', Promise.resolve());
    counts.retain(new Set(['acme']));
    expect([counts.of('acme').set.done, counts.of('gone').set.done]).toEqual([1, 0]);
  });
});
