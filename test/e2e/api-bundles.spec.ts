import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { writeStoragePlugin } from '../fixtures/write-storage-plugin';
import { startHost, type TestHost } from '../support/host';

/** Each has no page of its own, but for `own`; what stands beside it in the plugins directory is in `install`. */
const WITHOUT_PAGE = ['beside', 'frontend', 'both', 'linked', 'linked-directory', 'inside', 'fifo', 'none'] as const;

describe('bundles', () => {
  let host: TestHost;

  beforeAll(async () => {
    host = await startHost({ plugins: { own: {}, off: { enabled: false } } });
    const { plugins, root } = host.directories;
    for (const id of WITHOUT_PAGE) writeStoragePlugin(plugins, { id, reads: 'inner', answers: 'value' });
    const put = (text: string, ...place: readonly string[]): void => {
      mkdirSync(path.join(plugins, ...place.slice(0, -1)), { recursive: true });
      writeFileSync(path.join(plugins, ...place), text);
    };
    put('/* beside: ü */', 'beside', 'bundle.js');
    put('/* frontend */', 'frontend', 'frontend', 'bundle.js');
    put('/* first */', 'both', 'bundle.js');
    put('/* second */', 'both', 'frontend', 'bundle.js');
    put('/* within */', 'inside', 'real.js');
    symlinkSync('real.js', path.join(plugins, 'inside', 'bundle.js'));
    mkdirSync(path.join(root, 'outside'));
    writeFileSync(path.join(root, 'outside', 'bundle.js'), 'outside the plugins directory');
    mkdirSync(path.join(plugins, 'linked'));
    symlinkSync(path.join(root, 'outside', 'bundle.js'), path.join(plugins, 'linked', 'bundle.js'));
    symlinkSync(path.join(root, 'outside'), path.join(plugins, 'linked-directory'));
    mkdirSync(path.join(plugins, 'fifo', 'bundle.js'), { recursive: true });
    put('/* of a disabled one */', 'off', 'bundle.js');
    await host.json('/api/plugins/rescan', { method: 'POST' });
    await Promise.all(WITHOUT_PAGE.map((id) => host.enable(id)));
    await host.untilPlugin('own', 'running');
  });
  afterAll(() => host.dispose());

  const get = (id: string, init: Parameters<TestHost['api']>[1] = {}): Promise<Response> =>
    host.api(`/api/plugins/${id}/bundle.js`, init);

  it.each([
    ['own', 'own is mounted'],
    ['beside', '/* beside: ü */'],
    ['frontend', '/* frontend */'],
    ['both', '/* first */'],
  ])('[FE-1] %s: from the plugin itself, or from the places beside it, in this order', async (id, text) => {
    const response = await get(id);

    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    expect(response.headers.get('cache-control')).toBe('no-cache');
    expect(response.headers.get('set-cookie')).toBeNull();
    expect(await response.text()).toContain(text);
  });

  it.each(['own', 'beside'])('[FE-1] %s: 304 for who has it already, and a new ETag for a new text', async (id) => {
    const etag = (await get(id)).headers.get('etag') ?? '';
    expect(etag).toMatch(/^"[^"]+"$/);
    for (const known of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
      const response = await get(id, { headers: { 'if-none-match': known } });
      expect([known, response.status, await response.text()]).toEqual([known, 304, '']);
      expect(response.headers.get('etag')).toBe(etag);
    }
    expect((await get(id, { headers: { 'if-none-match': '"other"' } })).status).toBe(200);

    if (id === 'own') return;
    writeFileSync(path.join(host.directories.plugins, id, 'bundle.js'), '/* beside: changed */');
    const changed = await get(id, { headers: { 'if-none-match': etag } });
    expect([changed.status, await changed.text()]).toEqual([200, '/* beside: changed */']);
    expect(changed.headers.get('etag')).not.toBe(etag);
  });

  it.each(['own', 'beside'])('[FE-1] %s: HEAD says the same without the text', async (id) => {
    const [whole, head] = [await get(id), await get(id, { method: 'HEAD' })];

    expect([head.status, await head.text()]).toEqual([200, '']);
    for (const name of ['etag', 'content-type', 'content-length']) {
      expect(head.headers.get(name)).toBe(whole.headers.get(name));
    }
  });

  it.each(['linked', 'linked-directory', 'fifo', 'none'])(
    '[FE-1] %s: nothing from outside, and nothing that is no file',
    async (id) => {
      const response = await get(id);
      const text = await response.text();

      expect([response.status, (JSON.parse(text) as { code: string }).code]).toEqual([404, 'bundle_not_found']);
      expect(text).not.toContain('outside the plugins directory');
      expect(text).not.toContain(host.directories.root);
    },
  );

  it('[FE-1] 404 while the plugin is disabled, and after it', async () => {
    expect((await get('off')).status).toBe(404);
    await host.disable('own');
    expect((await get('own')).status).toBe(404);
    await host.enable('own');
    expect((await get('own')).status).toBe(200);
  });
});
