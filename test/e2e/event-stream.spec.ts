import type { PluginEvent, ProblemDetails } from '@toru/contracts';
import { startHost, type TestHost } from '../support/host';
import { addToken, addUser, PASSWORD } from '../support/users';

const STREAM = '/api/events/stream';
const limits = { concurrency: 3, paths: [{ path: '/small', max_body_bytes: 2 }] };

/** A client of the stream, as a browser's `EventSource` is one. */
class Listener {
  readonly events: PluginEvent[] = [];
  /** Where it would go on. */
  lastId = '';
  ended = false;

  constructor(response: Response) {
    void this.read(response);
  }

  private async read({ body }: Response): Promise<void> {
    let text = '';
    try {
      for await (const chunk of (body ?? []) as AsyncIterable<Uint8Array>) {
        text += Buffer.from(chunk).toString();
        const blocks = text.split('\n\n');
        text = blocks.pop() ?? '';
        for (const block of blocks) this.take(block);
      }
    } catch {
      // ended by the host, or by the test
    }
    this.ended = true;
  }

  private take(block: string): void {
    this.lastId = /^id: (.*)$/m.exec(block)?.[1] ?? this.lastId;
    const data = /^data: (.*)$/m.exec(block)?.[1];
    if (data !== undefined) this.events.push(JSON.parse(data) as PluginEvent);
  }
}

describe('the stream of events', () => {
  let host: TestHost;
  const left = new AbortController();

  beforeAll(async () => {
    host = await startHost({ plugins: { acme: {}, other: {} } });
    await host.untilPlugin('acme', 'running');
    await host.untilPlugin('other', 'running');
  });
  afterAll(async () => {
    left.abort();
    await (host as TestHost | undefined)?.dispose();
  });

  const listen = async (query: string, init: Parameters<TestHost['api']>[1] = {}): Promise<Listener> => {
    const response = await host.api(STREAM + query, { signal: left.signal, ...init });
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/event-stream; charset=utf-8']);
    const listener = new Listener(response);
    await host.waitFor('its beginning', () => listener.lastId !== '');
    return listener;
  };

  it('[API-4] has what happens, of the plugin that was asked for', async () => {
    const all = await listen('');
    const mine = await listen('?plugin_id=ACME');
    await host.disable('other');
    await host.disable('acme');
    await host.waitFor(
      'both',
      () => all.events.some(({ plugin_id }) => plugin_id === 'acme') && mine.events.length > 0,
    );
    expect(new Set(mine.events.map(({ plugin_id }) => plugin_id))).toEqual(new Set(['acme']));
    const stored = await host.json<{ items: PluginEvent[] }>('/api/events?page_size=200');
    const first = all.events[0]?.id ?? 0;
    expect(all.events).toEqual(stored.items.filter(({ id }) => id >= first && id <= Number(all.lastId)).reverse());
  });

  it('[PRO-4] limits that are set are an event, and bound requests at once', async () => {
    await host.enable('acme');
    await host.untilPlugin('acme', 'running');
    const changes = await listen('?event_type=limits_changed');
    await host.json('/api/plugins/acme/limits', { method: 'PUT', json: { limits } });
    await host.waitFor('the event', () => changes.events.length > 0);
    expect(changes.events).toMatchObject([{ plugin_id: 'acme', details: { limits: ['concurrency', 'paths'] } }]);
    const post = (path: string) => host.api(`/plugins/acme${path}`, { method: 'POST', body: 'xxx' });
    expect([(await post('/small')).status, (await post('/echo')).status]).toEqual([413, 200]);
  });

  it('[API-4] goes on after the last event that the client has, without a gap, also after a restart of the host', async () => {
    const before = await listen('');
    await host.enable('acme');
    await host.api('/api/plugins/acme/restart', { method: 'POST' });
    await host.waitFor('an event', () => before.events.length > 0);
    const { lastId } = before;
    await host.restart();
    await host.waitFor('the end of the stream', () => before.ended);
    await host.untilPlugin('acme', 'running');
    await host.disable('acme');
    const after = await listen('?last_event_id=0', { headers: { 'last-event-id': lastId } });
    const stored = await host.json<{ items: PluginEvent[] }>('/api/events?page_size=200');
    const missed = stored.items.filter(({ id }) => id > Number(lastId)).reverse();
    await host.waitFor('what was missed', () => after.events.length >= missed.length);
    expect(after.events).toEqual(missed);
    expect(missed.map(({ event_type }) => event_type)).toEqual(
      expect.arrayContaining(['stopped', 'started', 'disabled']),
    );
  });

  it('[PRO-4] limits that are set outlive the host', async () => {
    expect(await host.json('/api/plugins/acme/limits')).toMatchObject({ set: limits, revision: 1 });
  });

  it('[API-4] faults 27: ends with the session and with the token, within a second', async () => {
    await addUser(host, 'guest', 'viewer');
    const cookie = await host.signIn('guest', PASSWORD);
    const { id, token } = await addToken(host, 'listener', 'viewer');
    const bySession = await listen('', { as: 'nobody', headers: { cookie } });
    const byToken = await listen('', { as: { token } });
    const bystander = await listen('');
    await host.api('/api/auth/logout', {
      method: 'POST',
      as: 'nobody',
      headers: { cookie, 'x-requested-with': 'test' },
    });
    await host.waitFor('the end of the one', () => bySession.ended);
    expect(byToken.ended).toBe(false);
    await host.api(`/api/auth/tokens/${id}`, { method: 'DELETE' });
    await host.waitFor('the end of the other', () => byToken.ended);
    expect(bystander.ended).toBe(false);
  });

  it.each([
    ['', { 'last-event-id': 'x' }],
    ['', { 'last-event-id': '-1' }],
    ['?last_event_id=1.5', {}],
    ['?last_event_id=', {}],
    ['?plugin_id=../x', {}],
    ['?page=1', {}],
  ])('[API-6] refuses %s with %o', async (query, headers: Record<string, string>) => {
    const response = await host.api(STREAM + query, { headers });
    expect([response.status, ((await response.json()) as ProblemDetails).code]).toEqual([400, 'validation_failed']);
  });

  it('[API-4] is for those who have signed in', async () => {
    expect((await host.api(STREAM, { as: 'nobody' })).status).toBe(401);
    expect((await host.api(STREAM, { method: 'HEAD' })).status).toBe(200);
  });
});
