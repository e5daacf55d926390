import { execFileSync } from 'node:child_process';
import path from 'node:path';
import type { PluginSettings, PluginSettingsAnswer } from '@toru/contracts';
import { startHost, type TestHost } from '../support/host';

const ROOT = path.resolve(import.meta.dirname, '../..');
const AT = '/api/plugins/settings/settings';

/** What the plugin itself has. */
interface Seen {
  readonly settings: Record<string, unknown>;
  readonly env: string;
}

describe('settings of plugins', () => {
  let host: TestHost;

  beforeAll(async () => {
    host = await startHost({
      env: { TORU_BACKOFF_BASE_MS: '20', TORU_BACKOFF_MAX_MS: '20' },
      plugins: {
        old: { metadata: { settings_schema: { type: 'object', properties: { name: { type: 'string' } } } } },
        plain: { enabled: false },
        odd: { enabled: false, metadata: { settings_schema: { properties: { a: { pattern: '(a+)+$' } } } } },
      },
    });
    const file = path.join(host.directories.plugins, 'settings.binary');
    execFileSync(process.execPath, ['scripts/build-plugin.mjs', 'test/fixtures/sdk-settings.ts', '-o', file], {
      cwd: ROOT,
    });
    await host.api('/api/plugins/rescan', { method: 'POST' });
    await host.enable('settings');
    await host.untilPlugin('settings', 'running');
    await host.untilPlugin('old', 'running');
  });
  afterAll(async () => {
    await (host as TestHost | undefined)?.dispose();
  });

  const change = (values: object, id = 'settings'): Promise<PluginSettingsAnswer> =>
    host.json(`/api/plugins/${id}/settings`, { method: 'PATCH', json: { values } });
  const seen = (): Promise<Seen> => host.json('/plugins/settings');

  it('[MGR-5] shows what may be set, what is set and what is missing', async () => {
    expect(await host.json(AT)).toMatchObject({
      ...{ plugin: 'settings', problem: null, values: { colour: 'blue' }, missing: ['size'], revision: 0 },
      schema: { type: 'object', properties: { size: { type: 'integer' } } },
    });
    expect((await seen()).settings).toEqual({ colour: 'blue' });
  });

  it('[MGR-5] brings a change to a plugin that runs, and to its next start', async () => {
    expect(await change({ size: 4, token: 'hush' })).toMatchObject({
      applied: 'live',
      missing: [],
      secrets_set: ['token'],
    });
    const wanted = { colour: 'blue', size: 4, token: 'hush' };
    expect((await seen()).settings).toEqual(wanted);

    await host.api('/api/plugins/settings/disable', { method: 'POST' });
    expect(await change({ size: 5 })).toMatchObject({ applied: 'next_start' });
    await host.enable('settings');
    const started = await seen();
    expect(started.settings).toEqual({ ...wanted, size: 5 });
    expect(JSON.parse(started.env)).toEqual({ ...wanted, size: 5 });
  });

  it('[MGR-5] shows a secret nowhere', async () => {
    await change({ token: 'only-for-the-plugin' });
    const places = [AT, '/api/events', '/api/plugins/settings/logs?source=supervisor', '/api/plugins/settings'];
    const texts = await Promise.all(places.map(async (place) => (await host.api(place)).text()));

    expect(texts.join()).not.toContain('only-for-the-plugin');
    expect(texts[1]).toContain('settings_changed');
  });

  it('[MGR-5] [API-6] refuses what the schema does not allow, and changes nothing', async () => {
    const before = await host.json<PluginSettings>(AT);
    const refused = await host.api(AT, { method: 'PATCH', json: { values: { size: 10, colour: 'blue' } } });

    expect(refused.status).toBe(400);
    expect(await refused.json()).toMatchObject({
      code: 'validation_failed',
      errors: [{ path: 'size', message: 'must be 9 or less' }],
    });
    for (const values of ['{"toString":1}', '{"size":1e400}', '{"token":"\\u0000"}']) {
      const body = `{"values":${values}}`;
      const odd = await host.api(AT, { method: 'PATCH', body, headers: { 'content-type': 'application/json' } });
      expect(await odd.json()).toMatchObject({ status: 400, code: 'validation_failed' });
    }
    expect(await host.json(AT)).toEqual(before);
  });

  it('[MGR-5] [LIC-3] starts a plugin again that had refused to run with its settings', async () => {
    await host.api('/api/plugins/settings/disable', { method: 'POST' });
    await change({ colour: 'red' });
    await host.api('/api/plugins/settings/enable', { method: 'POST' });
    expect(await host.untilPlugin('settings', 'failed')).toMatchObject({
      reason: expect.stringContaining('Red is not'),
    });

    expect(await change({ colour: null })).toMatchObject({ applied: 'started' });
    await host.untilPlugin('settings', 'running');
  });

  it('[MGR-5] tells that a version 1 plugin needs a restart, and why a schema cannot be used', async () => {
    expect(await change({ name: 'x' }, 'old')).toMatchObject({ applied: 'restart_required', values: { name: 'x' } });
    expect(await host.json('/api/plugins/odd/settings')).toMatchObject({
      schema: null,
      problem: expect.stringContaining('settings_schema'),
    });
    expect(await host.json('/api/plugins/plain/settings')).toMatchObject({ schema: null, problem: null });
    const nothing = await host.api('/api/plugins/plain/settings', { method: 'PATCH', json: { values: { a: 1 } } });
    expect(await nothing.json()).toMatchObject({ status: 409, code: 'conflict' });
  });
});
