import type { KvAnswer, KvRequest, ProblemDetails } from '@toru/contracts';
import { writeStoragePlugin, type StoragePlugin } from '../fixtures/write-storage-plugin';
import { startHost, type TestHost } from '../support/host';
import { addToken } from '../support/users';
import { untilRead } from '../support/until-read';

const READS = ['outer', 'inner'] as const;
const ANSWERS = ['value', 'tagged', 'nested', 'body', 'http'] as const;
const KEEPERS: readonly StoragePlugin[] = [
  ...READS.flatMap((reads) => ANSWERS.map((answers) => ({ id: `${reads}-${answers}`, reads, answers }))),
  { id: 'full', reads: 'inner', answers: 'error' },
];

describe('key-value storage', () => {
  let host: TestHost;

  beforeAll(async () => {
    host = await startHost({ plugins: { alpha: {}, beta: {}, off: { enabled: false } } });
    for (const id of ['alpha', 'beta']) await host.untilPlugin(id, 'running');
    await untilRead(host);
  });
  afterAll(() => host.dispose());

  const kv = (id: string, json: KvRequest, init: Parameters<TestHost['api']>[1] = {}): Promise<Response> =>
    host.api(`/api/plugins/${id}/kv`, { ...init, method: 'POST', json });
  const valueOf = async (id: string, key: string): Promise<string | null> =>
    ((await (await kv(id, { action: 'get', key })).json()) as KvAnswer).value;
  /** What the plugin itself gets from the host, by messages on its socket. */
  const plugin = async (id: string, action: string, key: string, body?: string): Promise<string | null> =>
    (
      await host.json<KvAnswer>(`/plugins/${id}/kv/${action}/${encodeURIComponent(key)}`, {
        ...{ method: 'POST', ...(body === undefined ? {} : { body, headers: { 'content-type': 'text/plain' } }) },
      })
    ).value;

  it('[KV-1] [KV-2] [KV-3] a plugin stores, finds and removes a value', async () => {
    expect(await plugin('alpha', 'get', 'colour')).toBeNull();
    expect(await plugin('alpha', 'set', 'colour', 'grün 🐘')).toBeNull();
    expect(await plugin('alpha', 'get', 'colour')).toBe('grün 🐘');
    await plugin('alpha', 'set', 'colour', 'blue');
    expect(await plugin('alpha', 'get', 'colour')).toBe('blue');
    await plugin('alpha', 'delete', 'colour');
    expect(await plugin('alpha', 'get', 'colour')).toBeNull();
    await plugin('alpha', 'delete', 'colour');
  });

  it.each(['Get', 'GET', 'get'])('[PRO-6] [KV-2] a plugin may write the action as %s', async (action) => {
    await plugin('alpha', 'set', 'spelled', 'v');

    expect(await plugin('alpha', action, 'spelled')).toBe('v');
  });

  it('[KV-7] its page finds what the plugin stored, and the other way round', async () => {
    await plugin('alpha', 'set', 'of-plugin', '1');
    expect(await valueOf('alpha', 'of-plugin')).toBe('1');
    expect(await (await kv('ALPHA', { action: 'set', key: 'of-page', value: '2' })).json()).toEqual({ value: null });
    expect(await plugin('alpha', 'get', 'of-page')).toBe('2');
    expect((await kv('alpha', { action: 'delete', key: 'of-page' })).status).toBe(200);
    expect(await plugin('alpha', 'get', 'of-page')).toBeNull();
  });

  it('[KV-4] two plugins that use the same key see their own values', async () => {
    await Promise.all([plugin('alpha', 'set', 'shared', 'of alpha'), plugin('beta', 'set', 'shared', 'of beta')]);
    expect([await plugin('alpha', 'get', 'shared'), await plugin('beta', 'get', 'shared')]).toEqual([
      'of alpha',
      'of beta',
    ]);

    await plugin('alpha', 'delete', 'shared');
    expect([await plugin('alpha', 'get', 'shared'), await plugin('beta', 'get', 'shared')]).toEqual([null, 'of beta']);
  });

  it("[KV-4] no key and no field names another's namespace", async () => {
    await plugin('beta', 'set', 'secret', 'of beta');
    for (const key of ['beta/secret', 'beta:secret', '../beta/secret', "secret' OR '1'='1", '%', '__proto__']) {
      expect(await valueOf('alpha', key)).toBeNull();
    }
    for (const field of ['plugin_id', 'namespace', 'id']) {
      const json = { action: 'get', key: 'secret', [field]: 'beta' };
      expect((await host.api('/api/plugins/alpha/kv', { method: 'POST', json })).status).toBe(400);
    }
  });

  it('[KV-7] faults 28: a viewer reads, and only an admin changes', async () => {
    await plugin('alpha', 'set', 'kept', 'v');
    const as = await addToken(host, 'viewer', 'viewer');

    expect(await (await kv('alpha', { action: 'get', key: 'kept' }, { as })).json()).toEqual({ value: 'v' });
    for (const store of ['host', 'plugin'] as const) {
      expect((await kv('alpha', { store, action: 'set', key: 'kept', value: 'x' }, { as })).status).toBe(403);
      expect((await kv('alpha', { store, action: 'delete', key: 'kept' }, { as })).status).toBe(403);
    }
    expect(await valueOf('alpha', 'kept')).toBe('v');
  });

  it('[KV-7] answers for plugins that are enabled', async () => {
    expect((await kv('off', { action: 'get', key: 'k' })).status).toBe(404);
    expect((await kv('nobody', { action: 'get', key: 'k' })).status).toBe(404);
  });

  it('[KV-5] what is stored outlives the plugin, and the host', async () => {
    await plugin('alpha', 'set', 'lasting', 'v');
    await host.disable('alpha');
    await host.enable('alpha');
    expect(await plugin('alpha', 'get', 'lasting')).toBe('v');

    await host.restart();
    await host.untilPlugin('alpha', 'running');
    expect(await plugin('alpha', 'get', 'lasting')).toBe('v');
  });

  describe('that a plugin keeps itself', () => {
    beforeAll(async () => {
      for (const keeper of KEEPERS) writeStoragePlugin(host.directories.plugins, keeper);
      await host.json('/api/plugins/rescan', { method: 'POST' });
      await Promise.all(KEEPERS.map(({ id }) => host.enable(id)));
    });

    const ask = async (id: string, request: Omit<KvRequest, 'store'>): Promise<unknown> =>
      (await kv(id, { store: 'plugin', ...request })).json();

    it.each(KEEPERS.filter(({ answers }) => answers !== 'error').map(({ id }) => id))(
      '[KV-8] %s: the plugin performs the operation and answers',
      async (id) => {
        expect(await ask(id, { action: 'get', key: 'k' })).toEqual({ value: null });
        expect(await ask(id, { action: 'set', key: 'k', value: `grün 🐘 "${id}"\n` })).toEqual({ value: null });
        expect(await ask(id, { action: 'get', key: 'k' })).toEqual({ value: `grün 🐘 "${id}"\n` });
        // and nothing of it is in the host's own storage
        expect(await valueOf(id, 'k')).toBeNull();
        expect(await ask(id, { action: 'delete', key: 'k' })).toEqual({ value: null });
        expect(await ask(id, { action: 'get', key: 'k' })).toEqual({ value: null });
      },
    );

    it('[KV-8] a plugin that refuses is a 502 with its reason', async () => {
      const problem = (await ask('full', { action: 'set', key: 'k', value: 'v' })) as ProblemDetails;

      expect(problem).toMatchObject({ status: 502, code: 'plugin_error', plugin: 'full' });
      expect(problem.detail).toContain('the store is full');
    });

    it('[KV-8] the host checks keys and values as it does for its own', async () => {
      expect(await ask('outer-value', { action: 'get', key: '' })).toMatchObject({ code: 'kv_key_invalid' });
      expect(await ask('outer-value', { action: 'set', key: 'k' })).toMatchObject({ code: 'kv_value_invalid' });
      expect(await ask('outer-value', { action: 'set', key: 'k', value: 'a\0b' })).toMatchObject({
        code: 'kv_value_invalid',
      });
    });
  });
});
