import { mkdir, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { HttpResponseV1 } from '@toru/contracts';
import { metadataOf } from './testing/plugin-files';
import { PluginsApp } from './testing/plugins-app';

let app: PluginsApp;

beforeAll(async () => {
  app = await PluginsApp.start();
  await app.files.printing('a.binary', metadataOf('Acme'));
  await app.scan();
});

afterAll(async () => {
  await app.stop();
});

async function json(response: Response): Promise<Record<string, unknown>> {
  return (await response.json()) as Record<string, unknown>;
}

describe('GET /api/plugins/:id/bundle.js', () => {
  const path = '/api/plugins/acme/bundle.js';
  const folder = (): string => join(app.files.directory, 'Acme');
  const answer = (body: string | null, type?: string, status = 200): HttpResponseV1 => ({
    ...{ status, body, bodyWasJson: false },
    headers: new Map(type === undefined ? [] : [['Content-Type', type]]),
  });

  beforeEach(async () => {
    app.runtime.answer = undefined;
    await app.setEnabled('acme');
  });

  afterEach(async () => {
    await rm(folder(), { recursive: true, force: true });
  });

  async function putFile(content: string, ...place: string[]): Promise<void> {
    const file = join(folder(), ...place);
    await mkdir(join(file, '..'), { recursive: true });
    await writeFile(file, content);
  }

  it('[FE-1] serves what the plugin answers, with type, nosniff and ETag', async () => {
    app.runtime.answer = ({ method, path: asked }) => answer(`// ${method} ${asked} é`, 'application/javascript');
    const response = await app.call('viewer', 'GET', path);
    expect(await response.text()).toBe('// GET /bundle.js é');
    expect(Object.fromEntries(response.headers)).toMatchObject({
      ...{ 'content-type': 'text/javascript; charset=utf-8', 'x-content-type-options': 'nosniff' },
      ...{ 'cache-control': 'no-cache', etag: expect.stringMatching(/^"[\w-]{43}"$/) as string },
    });
  });

  it('[FE-1] answers 304 to whoever has it, also in a list and weakly compared, and 200 after a change', async () => {
    app.runtime.answer = () => answer('one');
    const etag = (await app.call('viewer', 'GET', path)).headers.get('etag') ?? '';
    for (const known of [etag, `W/${etag}`, `"x", ${etag}`, '*']) {
      const response = await app.call('viewer', 'GET', path, { headers: { 'if-none-match': known } });
      expect([response.status, await response.text()]).toEqual([304, '']);
      expect(response.headers.get('etag')).toBe(etag);
    }
    app.runtime.answer = () => answer('two');
    expect((await app.call('viewer', 'GET', path, { headers: { 'if-none-match': etag } })).status).toBe(200);
  });

  it('[FE-1] answers HEAD with the same headers and no body', async () => {
    app.runtime.answer = () => answer('abc');
    const response = await app.call('viewer', 'HEAD', path);
    expect([response.status, response.headers.get('content-length'), await response.text()]).toEqual([200, '3', '']);
  });

  it('[FE-1] falls back to bundle.js, then to frontend/bundle.js', async () => {
    await putFile('from frontend', 'frontend', 'bundle.js');
    expect(await (await app.call('viewer', 'GET', path)).text()).toBe('from frontend');
    await putFile('from folder', 'bundle.js');
    expect(await (await app.call('viewer', 'GET', path)).text()).toBe('from folder');
    app.runtime.answer = () => answer('from plugin');
    expect(await (await app.call('viewer', 'GET', path)).text()).toBe('from plugin');
  });

  it.each([
    ['not found', answer('no', 'text/plain', 404)],
    ['a page for every path', answer('<html>', 'text/html; charset=utf-8')],
    ['JSON', { ...answer('{}'), bodyWasJson: true }],
    ['nothing', answer(null)],
    ['a redirect', answer('', undefined, 302)],
  ])('[FE-1] takes %s for no bundle: the file, else 404', async (_, response) => {
    app.runtime.answer = () => response;
    const missing = await app.call('viewer', 'GET', path);
    expect([missing.status, (await json(missing)).code]).toEqual([404, 'bundle_not_found']);
    await putFile('from folder', 'bundle.js');
    expect(await (await app.call('viewer', 'GET', path)).text()).toBe('from folder');
  });

  it('[FE-1] [PRO-4] without a file, tells what stood in the way of asking the plugin', async () => {
    const down = await app.call('viewer', 'GET', path);
    expect([down.status, (await json(down)).code]).toEqual([503, 'plugin_unavailable']);
    for (const broken of [answer('x', undefined, 500), answer('\ud800'), answer('x'.repeat(8 * 1024 * 1024 + 1))]) {
      app.runtime.answer = () => broken;
      const response = await app.call('viewer', 'GET', path);
      expect([response.status, (await json(response)).code]).toEqual([502, 'plugin_error']);
    }
  });

  it('[FE-1] 404 when the plugin is disabled, even if its file is there', async () => {
    await putFile('from folder', 'bundle.js');
    await app.setEnabled('acme', false);
    const response = await app.call('admin', 'GET', path);
    expect([response.status, (await json(response)).code]).toEqual([404, 'plugin_disabled']);
  });

  it('[FE-1] (faults 1, 21) follows no link out of the plugins directory, opens no FIFO or folder, nor a giant', async () => {
    app.runtime.answer = () => answer(null);
    const outside = join(app.directory, 'outside');
    await mkdir(outside, { recursive: true });
    await writeFile(join(outside, 'bundle.js'), 'secret');
    const refusals: (() => Promise<void>)[] = [
      () => symlink(outside, folder()),
      async () => {
        await mkdir(folder());
        await symlink(join(outside, 'bundle.js'), join(folder(), 'bundle.js'));
      },
      async () => {
        await mkdir(folder());
        await symlink('/dev/zero', join(folder(), 'bundle.js'));
      },
      async () => {
        await mkdir(join(folder(), 'bundle.js'), { recursive: true });
      },
      async () => {
        await putFile('', 'bundle.js');
        await truncate(join(folder(), 'bundle.js'), 8 * 1024 * 1024 + 1);
      },
    ];
    for (const prepare of refusals) {
      await prepare();
      const response = await app.call('viewer', 'GET', path);
      expect([response.status, (await json(response)).code]).toEqual([404, 'bundle_not_found']);
      await rm(folder(), { recursive: true, force: true });
    }
  });
});
