import { AppError } from '../common';
import { metadataOf } from './testing/plugin-files';
import { PluginsApp } from './testing/plugins-app';

let app: PluginsApp;

beforeAll(async () => {
  app = await PluginsApp.start();
  await app.files.printing('a.binary', metadataOf('Acme', { author: 'A. Author', public_paths: ['/hook/*'] }));
  await app.files.printing('b.binary', metadataOf('other'));
  await app.files.script('bad.binary', 'exit 1');
  await app.scan();
});

afterAll(async () => {
  await app.stop();
});

beforeEach(async () => {
  app.runtime.failure = undefined;
  await app.setEnabled('acme', false);
});

async function json(response: Response): Promise<Record<string, unknown>> {
  return (await response.json()) as Record<string, unknown>;
}

describe('GET /api/plugins', () => {
  it('[API-1] lists all installed plugins with metadata, status and health, the invalid ones too', async () => {
    const { items, reading, problem } = await json(await app.call('viewer', 'GET', '/api/plugins'));
    expect([reading, problem]).toEqual([false, null]);
    expect(items).toMatchObject([
      { id: 'Acme', file: 'a.binary', author: 'A. Author', status: 'disabled', health: 'unknown', enabled: false },
      { id: 'other', file: 'b.binary' },
      { id: 'bad', file: 'bad.binary', status: 'invalid', reason: expect.stringContaining('status 1') as string },
    ]);
  });

  it('[API-2] tells the details of one, whatever the case of its id', async () => {
    await app.setEnabled('acme');
    const response = await app.call('viewer', 'GET', '/api/plugins/aCME');
    expect(response.status).toBe(200);
    expect(await json(response)).toMatchObject({
      ...{ id: 'Acme', status: 'running', health: 'healthy', pid: 42, restarts: 0, public_paths: ['/hook/*'] },
      started_at: expect.stringMatching(/^\d{4}-.*Z$/) as string,
    });
  });

  it.each(['nobody', 'constructor', 'rescan', 'events'])('[API-2] knows no plugin %s', async (id) => {
    const response = await app.call('viewer', 'GET', `/api/plugins/${id}`);
    expect(response.headers.get('content-type')).toContain('application/problem+json');
    expect([response.status, (await json(response)).code]).toEqual([404, 'plugin_not_found']);
  });

  const noIds = ['__proto__', '-a', 'a_b', 'a.b', 'x'.repeat(65), '%00', 'a%0a', '%C3%A9', 'a%20b', '..%5c..'];
  it.each(noIds)('[API-6] (faults 5, 21) refuses %s before anything looks at it', async (id) => {
    for (const [method, rest] of [
      ['GET', ''],
      ['POST', '/enable'],
      ['POST', '/disable'],
      ['GET', '/logs'],
      ['GET', '/events'],
      ['POST', '/kv'],
      ['GET', '/bundle.js'],
    ] as const) {
      const body = rest === '/kv' ? { body: '{"action":"get","key":"k"}' } : {};
      const response = await app.call('admin', method, `/api/plugins/${id}${rest}`, body);
      expect([rest, response.status, (await json(response)).code]).toEqual([rest, 400, 'validation_failed']);
    }
  });
});

describe('POST /api/plugins/:id/enable and /disable', () => {
  it('[LIF-1] [LIF-2] [API-1] say what happened, again too', async () => {
    const outcomes: unknown[] = [];
    for (const action of ['enable', 'enable', 'disable', 'disable']) {
      const response = await app.call('admin', 'POST', `/api/plugins/acme/${action}`);
      const { outcome, plugin, message } = await json(response);
      expect(message).toContain('Plugin Acme');
      expect(plugin).toMatchObject({ budgets: [{ resource: 'memory_bytes', limit: 5 }] });
      outcomes.push([response.status, outcome, (plugin as { status: string }).status]);
    }
    expect(outcomes).toEqual([
      [200, 'enabled', 'running'],
      [200, 'already_enabled', 'running'],
      [200, 'disabled', 'disabled'],
      [200, 'already_disabled', 'disabled'],
    ]);
  });

  it('[ISO-4] an invalid plugin cannot be enabled, and the answer says why', async () => {
    const response = await app.call('admin', 'POST', '/api/plugins/bad/enable');
    expect(response.status).toBe(409);
    expect(await json(response)).toMatchObject({
      ...{ code: 'plugin_invalid', plugin: 'bad', detail: expect.stringContaining('status 1') as string },
    });
  });

  it('[API-6] a failed start comes back as a problem that names the plugin', async () => {
    app.runtime.failure = new AppError('plugin_start_failed', 'It exited with status 3.', { plugin: 'Acme' });
    const response = await app.call('admin', 'POST', '/api/plugins/acme/enable');
    expect(response.status).toBe(502);
    expect(await json(response)).toMatchObject({ code: 'plugin_start_failed', plugin: 'Acme' });
  });

  it('(faults 28) viewers and strangers change nothing', async () => {
    for (const path of ['acme/enable', 'acme/disable', 'rescan', 'nobody/enable', '-/enable']) {
      expect((await app.call('viewer', 'POST', `/api/plugins/${path}`)).status).toBe(403);
      expect((await app.call('', 'POST', `/api/plugins/${path}`)).status).toBe(401);
    }
    for (const path of ['', '/acme', '/acme/logs', '/acme/events', '/acme/bundle.js', '/-']) {
      expect((await app.call('', 'GET', `/api/plugins${path}`)).status).toBe(401);
    }
  });
});

describe('POST /api/plugins/rescan', () => {
  it('[API-1] takes up new files and says what changed', async () => {
    await app.files.printing('new.binary', metadataOf('newcomer'));
    const response = await app.call('admin', 'POST', '/api/plugins/rescan');
    expect([response.status, await json(response)]).toEqual([200, { added: ['newcomer'], changed: [], removed: [] }]);
    app.files.remove('new.binary');
    const again = await app.call('admin', 'POST', '/api/plugins/rescan');
    expect(await json(again)).toEqual({ added: [], changed: [], removed: ['newcomer'] });
  });
});

describe('logs and events of a plugin', () => {
  it('[API-3] pages through the log of the plugin and of its supervisor', async () => {
    const own = await app.call('viewer', 'GET', '/api/plugins/acme/logs?page=1&page_size=10&level=info');
    expect([own.status, await json(own)]).toEqual([200, { items: [], page: 1, page_size: 10, has_more: false }]);
    const supervisor = await app.call('viewer', 'GET', '/api/plugins/bad/logs?source=supervisor');
    expect(await json(supervisor)).toMatchObject({
      items: [{ level: 'error', plugin: 'bad', action: 'invalid', message: expect.stringContaining('bad.binary') as string }],
    });
  });

  it.each(['page=0', 'page_size=501', 'level=loud', 'source=../x', 'page=1&page=2', 'unknown=1'])(
    '[API-3] [API-6] refuses the query %s',
    async (query) => {
      const response = await app.call('viewer', 'GET', `/api/plugins/acme/logs?${query}`);
      expect([response.status, (await json(response)).code]).toEqual([400, 'validation_failed']);
    },
  );

  it('[API-4] lists the events of one plugin', async () => {
    const response = await app.call('viewer', 'GET', '/api/plugins/bad/events?event_type=invalid');
    expect(await json(response)).toMatchObject({
      items: [{ plugin_id: 'bad', event_type: 'invalid', details: { file: 'bad.binary' } }],
      page: 1,
    });
    expect(await json(await app.call('viewer', 'GET', '/api/plugins/acme/events'))).toMatchObject({ items: [] });
  });

  it.each(['logs', 'events'])('[API-3] [API-4] knows no %s of an unknown plugin', async (what) => {
    const response = await app.call('viewer', 'GET', `/api/plugins/nobody/${what}`);
    expect([response.status, (await json(response)).code]).toEqual([404, 'plugin_not_found']);
  });
});

describe('POST /api/plugins/:id/kv', () => {
  const kv = async (id: string, body: unknown, caller = 'admin'): Promise<[number, unknown]> => {
    const response = await app.call(caller, 'POST', `/api/plugins/${id}/kv`, { body: JSON.stringify(body) });
    const answer = await json(response);
    return [response.status, response.ok ? answer : answer.code];
  };

  it('[KV-7] [KV-4] sets, gets and deletes in the namespace of the plugin in the path', async () => {
    await app.setEnabled('acme');
    await app.setEnabled('other');
    expect(await kv('acme', { action: 'set', key: 'k', value: 'v' })).toEqual([200, { value: null }]);
    expect(await kv('ACME', { action: 'get', key: 'k' }, 'viewer')).toEqual([200, { value: 'v' }]);
    expect(await kv('other', { action: 'get', key: 'k' })).toEqual([200, { value: null }]);
    expect(await kv('acme', { action: 'delete', key: 'k' })).toEqual([200, { value: null }]);
    expect(await kv('acme', { action: 'get', key: 'k' })).toEqual([200, { value: null }]);
  });

  it('[KV-7] (faults 28) a viewer reads and changes nothing', async () => {
    await app.setEnabled('acme');
    expect(await kv('acme', { action: 'set', key: 'k', value: 'v' }, 'viewer')).toEqual([403, 'forbidden']);
    expect(await kv('acme', { action: 'delete', key: 'k' }, 'viewer')).toEqual([403, 'forbidden']);
  });

  it('[KV-8] asks the plugin for what it keeps itself, with the same checks', async () => {
    await app.setEnabled('acme');
    const own = async (body: object, caller?: string) => kv('acme', { store: 'plugin', ...body }, caller);
    const asked = (request: object): unknown => [200, { value: JSON.stringify(request) }];

    expect(await own({ action: 'get', key: 'k', value: 'v' })).toEqual(asked({ action: 'get', key: 'k' }));
    expect(await own({ action: 'set', key: 'k', value: 'v' })).toEqual(asked({ action: 'set', key: 'k', value: 'v' }));
    expect(await own({ action: 'delete', key: 'k' })).toEqual(asked({ action: 'delete', key: 'k' }));
    expect(await own({ action: 'get', key: 'k' }, 'viewer')).toEqual(asked({ action: 'get', key: 'k' }));
    expect(await own({ action: 'set', key: 'k', value: 'v' }, 'viewer')).toEqual([403, 'forbidden']);
    expect(await own({ action: 'set', key: 'k' })).toEqual([400, 'kv_value_invalid']);
    expect(await own({ action: 'get', key: '' })).toEqual([400, 'kv_key_invalid']);
    expect(await kv('acme', { action: 'get', key: 'k' })).toEqual([200, { value: null }]);
    expect(await kv('acme', { store: 'elsewhere', action: 'get', key: 'k' })).toEqual([400, 'validation_failed']);
    expect(await kv('acme', { store: null, action: 'get', key: 'k' })).toEqual([400, 'validation_failed']);
  });

  it('[KV-7] answers for enabled plugins alone', async () => {
    expect(await kv('acme', { action: 'get', key: 'k' })).toEqual([404, 'plugin_disabled']);
    expect(await kv('bad', { action: 'get', key: 'k' })).toEqual([409, 'plugin_invalid']);
    expect(await kv('nobody', { action: 'get', key: 'k' })).toEqual([404, 'plugin_not_found']);
  });

  it.each([{}, { action: 'drop', key: 'k' }, { action: 'get' }, { action: 'get', key: 1 }, { action: 'get', key: 'k', plugin_id: 'other' }])(
    '[KV-7] [API-6] refuses %j',
    async (body) => {
      await app.setEnabled('acme');
      expect(await kv('acme', body)).toEqual([400, 'validation_failed']);
    },
  );
});

describe('OpenAPI', () => {
  it('[API-5] documents every operation with its answer and its problems', () => {
    const { paths, components } = app.openApi();
    const operations = Object.entries(paths)
      .filter(([path]) => path.startsWith('/api/plugins'))
      .flatMap(([path, item]) => Object.entries(item).map(([method, operation]) => ({ path, method, operation })));
    expect(operations.map(({ method, path, operation }) => `${method} ${path} ${(operation as { operationId: string }).operationId}`).sort()).toEqual([
      'delete /api/plugins/{id}/license removePluginLicense',
      'get /api/plugins listPlugins',
      'get /api/plugins/{id} getPlugin',
      'get /api/plugins/{id}/bundle.js getPluginBundle',
      'get /api/plugins/{id}/events listPluginEvents',
      'get /api/plugins/{id}/license getPluginLicense',
      'get /api/plugins/{id}/limits getPluginLimits',
      'get /api/plugins/{id}/logs getPluginLogs',
      'get /api/plugins/{id}/openapi.json getPluginApiDocument',
      'get /api/plugins/{id}/settings getPluginSettings',
      'get /api/plugins/{id}/versions listPluginVersions',
      'patch /api/plugins/{id}/settings changePluginSettings',
      'post /api/plugins/rescan rescanPlugins',
      'post /api/plugins/{id}/disable disablePlugin',
      'post /api/plugins/{id}/enable enablePlugin',
      'post /api/plugins/{id}/kv pluginKv',
      'post /api/plugins/{id}/reset resetPlugin',
      'post /api/plugins/{id}/restart restartPlugin',
      'post /api/plugins/{id}/rollback rollbackPlugin',
      'put /api/plugins/{id}/license enterPluginLicense',
      'put /api/plugins/{id}/limits setPluginLimits',
    ]);
    for (const { operation } of operations) {
      const { responses } = operation as { responses: Record<string, { content?: object }> };
      expect(responses['401']?.content).toHaveProperty(['application/problem+json']);
      expect(responses['200']?.content).toBeDefined();
    }
    expect(Object.keys(components?.schemas ?? {})).toEqual(
      expect.arrayContaining(['PluginSummary', 'PluginDetails', 'LifecycleAnswer', 'ProblemDetails', 'KvAnswer', 'LogPage']),
    );
  });
});
