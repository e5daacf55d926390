import { startHost, type TestHost } from '../support/host';

interface Visits {
  readonly visits: number;
  readonly instance_id: string;
}

let host: TestHost;

beforeAll(async () => {
  host = await startHost({ examples: true });
  for (const id of ['hello-node', 'hello-python']) await host.untilPlugin(id, 'running');
});
afterAll(() => host.dispose());

describe.each([
  ['hello-python', '🐍', 'Hello Python'],
  ['hello-node', '🟢', 'Hello Node'],
])('the example %s', (id, icon, name) => {
  const addVisit = (path: string): Promise<Visits> => host.json<Visits>(path, { method: 'POST' });

  it('[LANG-2] [API-1] is in the list with its metadata, running and healthy', async () => {
    const { items } = await host.json<{ items: { id: string }[] }>('/api/plugins');

    expect(items.find((each) => each.id === id)).toMatchObject({
      icon,
      name,
      route: `/${id}`,
      status: 'running',
      health: 'healthy',
    });
  });

  it('[RTE-1] [RTE-2] [RTE-3] [KV-1] counts its visits in the storage of the host, under each form of its route', async () => {
    const before = (await host.json<Visits>(`/plugins/${id}/visits`)).visits;

    expect((await addVisit(`/plugins/${id}/visits`)).visits).toBe(before + 1);
    expect((await addVisit(`/api/plugins/route/${id}/visits`)).visits).toBe(before + 2);
    expect((await addVisit(`/api/plugins/${id}/visits`)).visits).toBe(before + 3);
  });

  it('[KV-1] loses no visit when many come at once', async () => {
    const before = (await host.json<Visits>(`/plugins/${id}/visits`)).visits;
    await Promise.all(Array.from({ length: 20 }, () => addVisit(`/plugins/${id}/visits`)));

    expect((await host.json<Visits>(`/plugins/${id}/visits`)).visits).toBe(before + 20);
  });

  it('[ID-2] [PRO-2] knows the instance that it runs in', async () => {
    const { instance_id } = await host.json<{ instance_id: string }>('/api/instance');

    expect((await host.json<Visits>(`/plugins/${id}/visits`)).instance_id).toBe(instance_id);
  });

  it('[FE-1] serves its bundle', async () => {
    const response = await host.api(`/api/plugins/${id}/bundle.js`);

    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toMatch(/^text\/javascript/);
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    expect(response.headers.get('etag')).toBeTruthy();
    expect(await response.text()).toContain('mount');
  });

  it('[PRO-5] [LIF-2] ends when it is disabled, and comes back with its count [KV-5]', async () => {
    const { visits } = await addVisit(`/plugins/${id}/visits`);
    const answer = await host.disable(id);

    expect(answer).toMatchObject({ outcome: 'disabled', plugin: { enabled: false, status: 'disabled', pid: null } });
    expect((await host.api(`/plugins/${id}/visits`)).status).toBe(404);

    await host.enable(id);
    expect((await host.json<Visits>(`/plugins/${id}/visits`)).visits).toBe(visits);
  });
});

describe('the API documents of plugins', () => {
  it('[API-5] one that a plugin publishes is there with the host as its server', async () => {
    const document = await host.json<Record<string, unknown>>('/api/plugins/hello-node/openapi.json');
    expect(document).toMatchObject({ openapi: '3.0.3', servers: [{ url: '/api/plugins/route/hello-node' }] });
    expect(Object.keys(document['paths'] as object)).toEqual(['/visits']);
    const answer = await host.api('/api/plugins/hello-node/openapi.json', { as: 'nobody' });
    expect(answer.status).toBe(401);
  });

  it('[API-5] a plugin that publishes none says so', async () => {
    const answer = await host.api('/api/plugins/hello-python/openapi.json');
    expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([404, 'not_found']);
  });

  it('[API-5] the page offers those that there are', async () => {
    const script = await (await host.api('/api/docs/swagger-ui-init.js')).text();
    const offered = [...script.matchAll(/"url":"([^"]+)"/g)].map(([, url]) => url);
    expect(offered).toEqual(['/api/openapi.json', '/api/plugins/hello-node/openapi.json']);
    expect((await host.api('/api/docs/swagger-ui-init.js', { as: 'nobody' })).status).toBe(401);
  });
});
