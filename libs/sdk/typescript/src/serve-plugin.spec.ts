import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { FEATURES_V2, type EventV2, type KvRequestV2, type LogV2 } from '@toru/contracts';
import { KvRefusedError, ReceiveStream } from '@toru/protocol';
import { jest } from '@jest/globals';
import type { PluginContext } from './plugin-context';
import { ConfigError } from './plugin-errors';
import { router } from './router';
import { servePlugin } from './serve-plugin';
import { sse } from './sse';
import { bytesOf, HostSide, textOf } from './testing/host-side';

const running: HostSide[] = [];

async function start(...given: Parameters<typeof HostSide.start>): Promise<HostSide> {
  const host = await HostSide.start(...given);
  running.push(host);
  return host;
}

/** What tests wait for from inside of a handler. */
function signal<T = void>(): { readonly promise: Promise<T>; readonly resolve: (value: T) => void } {
  let resolve!: (value: T) => void;
  const promise = new Promise<T>((given) => (resolve = given));
  return { promise, resolve };
}

const never = (): Promise<never> => new Promise(() => undefined);

beforeEach(() => void jest.spyOn(console, 'error').mockReturnValue());
afterEach(async () => {
  for (const host of running.splice(0)) {
    await host.connection.close();
    await host.exitStatus;
  }
  jest.restoreAllMocks();
});

describe('requests', () => {
  it('[LANG-3] [PRO-6] come as a Request of the Fetch standard, with what the host knows in the context', async () => {
    const host = await start({
      http: async (request, ctx) =>
        Response.json({
          url: request.url,
          method: request.method,
          headers: Object.fromEntries(request.headers),
          body: await request.text(),
          ctx: [ctx.user?.name, ctx.remote, ctx.base, ctx.instanceId, ctx.settings, ctx.license],
        }),
    });
    const answer = await host.ask(
      {
        method: 'PUT',
        path: '/acme/a%20b?c=d',
        base: '/acme/',
        headers: { 'x-one': '1', 'x-two': ['a', 'b'], cookie: ['c=1', 'd=2'] },
        user: { id: 'u', name: 'Žofie', role: 'viewer' },
      },
      { body: Buffer.from('žluť') },
    );

    expect(JSON.parse(await textOf(answer))).toEqual({
      url: 'http://plugin/a%20b?c=d',
      method: 'PUT',
      headers: expect.objectContaining({ 'x-one': '1', 'x-two': 'a, b', cookie: 'c=1; d=2' }),
      body: 'žluť',
      ctx: ['Žofie', '192.0.2.7', '/acme/', 'instance-1', { colour: 'blue' }, { key: null }],
    });
  });

  it('[LANG-3] [RTE-1] reach the same handler in the full and in the stripped form of the path', async () => {
    const host = await start({ http: router().get('/items/:id', ({ params }) => new Response(params.id)) });

    expect(await textOf(await host.ask({ path: '/items/7' }))).toBe('7');
    expect(await textOf(await host.ask({ path: '/acme/items/7', base: '/acme/' }))).toBe('7');
  });

  it('[LANG-3] [PRO-6] are answered with status, headers and cookies', async () => {
    const headers = new Headers([
      ['x-a', '1'],
      ['set-cookie', 'a=1; Path=/'],
      ['set-cookie', 'b=2'],
    ]);
    const host = await start({ http: () => new Response(null, { status: 404, headers }) });
    const answer = await host.ask();

    expect(answer.status).toBe(404);
    expect([...answer.headers]).toEqual([
      ['x-a', '1'],
      ['set-cookie', ['a=1; Path=/', 'b=2']],
    ]);
    expect(answer.body).toBeUndefined();
  });

  it('[PRO-7] [RTE-6] carry bodies of any size both ways, small ones beside the head', async () => {
    const host = await start({ http: (request) => new Response(request.body) });
    for (const size of [0, 1, 65_536, 65_537, 3_000_001]) {
      const body = randomBytes(size);
      const answer = await host.ask({ method: 'POST' }, { body });
      expect(answer.body instanceof ReceiveStream ? 'stream' : 'tail').toBe(size > 65_536 ? 'stream' : 'tail');
      expect((await bytesOf(answer.body)).equals(body)).toBe(true);
    }
    expect(host.connection.load).toEqual({ requests: 0, serving: 0, streams: 0 });
  });

  it('[PRO-7] [RTE-6] have their head sent before the body is there', async () => {
    const go = signal();
    const body = async function* (): AsyncGenerator<Uint8Array> {
      await go.promise;
      yield Buffer.from('late');
    };
    const host = await start({ http: () => new Response(ReadableStream.from(body())) });
    const answer = await host.ask();
    go.resolve();

    expect(await textOf(answer)).toBe('late');
  });

  it('[LANG-3] answer HEAD without a body, and with the headers of GET', async () => {
    const host = await start({ http: () => new Response('body', { headers: { 'x-a': '1' } }) });
    const answer = await host.ask({ method: 'HEAD' });

    expect([answer.status, answer.headers.get('x-a'), answer.body]).toEqual([200, '1', undefined]);
  });

  it.each([
    ['throws', () => Promise.reject(new Error('a secret'))],
    ['gives no Response', () => 'text' as unknown as Response],
    ['gives an error', () => Response.error()],
    ['gives text where bytes belong', () => new Response(ReadableStream.from(['text']) as ReadableStream)],
    [
      'has a body that fails at once',
      () => new Response(new ReadableStream({ start: (controller) => controller.error(new Error('a secret')) })),
    ],
  ])('[LANG-3] answer 500 where the handler %s, and the log tells why', async (_what, http) => {
    const logs: LogV2[] = [];
    const host = await start({ http }, { handlers: { log: (line) => logs.push(line) } });
    const answer = await host.ask({ path: '/x' });

    expect(answer.status).toBe(500);
    expect(await textOf(answer)).toBe('{"error":"internal error"}');
    expect(logs).toMatchObject([{ level: 'error', fields: { path: '/x' }, error: { message: expect.any(String) } }]);
  });

  it.each([
    [{ method: 'TRACE' }, 400],
    [{ path: 'no-slash' }, 400],
  ])('[LANG-3] that Fetch does not know are refused: %j', async (head, status) => {
    const host = await start({ http: () => new Response() });

    expect((await host.ask(head)).status).toBe(status);
  });

  it('[LANG-3] for another protocol are refused where there is no handler', async () => {
    const host = await start({ bundle: '' });
    const head = { method: 'GET', path: '/', base: '', headers: {}, user: null, remote: '' };
    const answer = await host.connection.upgrade(head, { body: () => undefined });

    expect(answer.status).toBe(404);
  });

  it('[PRO-6] abort their signal when the host cancels, and so does what was made of them', async () => {
    const begun = signal();
    const aborted = signal();
    const host = await start({
      http: async (request) => {
        const signals = [request.signal, request.clone().signal, new Request(request).signal];
        begun.resolve();
        await Promise.all(signals.map((each) => new Promise((resolve) => each.addEventListener('abort', resolve))));
        aborted.resolve();
        return never();
      },
    });
    const leave = new AbortController();
    const answer = host.ask({}, { signal: leave.signal });
    await begun.promise;
    leave.abort();

    await expect(answer).rejects.toMatchObject({ kind: 'aborted' });
    await aborted.promise;
  });

  it('[PRO-6] [PRO-7] abort a signal that is kept without its request, also after garbage was collected', async () => {
    const aborted = signal();
    const host = await start({
      http: ({ signal: kept }) => {
        kept.addEventListener('abort', () => aborted.resolve());
        return sse(async function* () {
          yield 'one';
          await never();
        });
      },
    });
    const body = (await host.ask()).body as ReceiveStream;
    await body.read();
    setFlagsFromString('--expose-gc');
    for (let n = 0; n < 5; n++) {
      (runInNewContext('gc') as () => void)();
      await new Promise((resolve) => setImmediate(resolve));
    }
    body.cancel();

    await aborted.promise;
  });

  it('[PRO-7] tell a stream that nobody reads it any more, also while it waits', async () => {
    const left = signal<string>();
    const host = await start({
      http: () =>
        sse(async function* (aborts) {
          yield 'one';
          await sleep(1_000_000, undefined, { signal: aborts }).catch((error: unknown) =>
            left.resolve((error as Error).name),
          );
        }),
    });
    const answer = await host.ask();
    const body = answer.body as ReceiveStream;
    expect(Buffer.from((await body.read())!).toString()).toBe('data: one\n\n');
    body.cancel();

    expect(await left.promise).toBe('AbortError');
  });

  it('[PRO-6] do not keep a ping from its answer', async () => {
    const host = await start({ http: never });
    const waiting = host.ask().catch((error: unknown) => (error as Error).name);
    await host.connection.ping(20_000);
    await host.connection.close();

    expect(await waiting).toBe('ConnectionClosedError');
  });

  it('[FE-1] [LANG-3] for the bundle are answered with the script', async () => {
    const host = await start({ bundle: 'export const a = "ž";', http: () => new Response('handler') });
    const answer = await host.ask({ path: '/bundle.js?v=1' });

    expect(answer.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
    expect(await textOf(answer)).toBe('export const a = "ž";');
    expect((await host.ask({ method: 'HEAD', path: '/bundle.js' })).headers.get('content-type')).toMatch(/javascript/);
    expect(await textOf(await host.ask({ path: '/bundle.jsx' }))).toBe('handler');
  });
});

describe('the context', () => {
  const context = async (handlers: Parameters<typeof HostSide.start>[1] = {}): Promise<PluginContext> => {
    const given = signal<PluginContext>();
    await start({ onInit: (ctx) => given.resolve(ctx) }, handlers);
    return given.promise;
  };

  it('[KV-6] [LANG-3] asks the host for keys', async () => {
    const asked: KvRequestV2[] = [];
    const { kv } = await context({
      handlers: {
        kv: (request) => {
          asked.push(request);
          if (request.action === 'get') return { value: '1', revision: 3 };
          if (request.action === 'set') return { revision: 4 };
          if (request.action === 'delete') return { deleted: true };
          if (request.action === 'batch') return { results: [{ value: null, revision: 0 }, { revision: 5 }] };
          const last = request.cursor === 'next';
          return { items: [{ key: last ? 'b' : 'a', value: '', revision: 1 }], cursor: last ? null : 'next' };
        },
      },
    });
    const keys: string[] = [];

    expect(await kv.get('a')).toBe('1');
    expect(await kv.entry('a')).toEqual({ value: '1', revision: 3 });
    expect(await kv.set('a', 'x', { ttlMs: 10, ifRevision: 0 })).toBe(4);
    expect(await kv.delete('a', { ifRevision: 4 })).toBe(true);
    const [got, set] = await kv.batch([
      { action: 'get', key: 'a' },
      { action: 'set', key: 'b', value: 'y', ttlMs: 5 },
    ]);
    expect([got.value, set.revision]).toEqual([null, 5]);
    for await (const { key } of kv.entries('p/')) keys.push(key);
    expect(keys).toEqual(['a', 'b']);
    expect(asked.slice(2)).toEqual([
      { action: 'set', key: 'a', value: 'x', ttl_ms: 10, if_revision: 0 },
      { action: 'delete', key: 'a', if_revision: 4 },
      {
        action: 'batch',
        operations: [
          { action: 'get', key: 'a' },
          { action: 'set', key: 'b', value: 'y', ttl_ms: 5 },
        ],
      },
      { action: 'list', prefix: 'p/', limit: 1000 },
      { action: 'list', prefix: 'p/', limit: 1000, cursor: 'next' },
    ]);
  });

  it('[KV-6] [LANG-3] gives a refusal with its code', async () => {
    const { kv } = await context({ handlers: { kv: () => ({ error: { code: 'kv_conflict', message: 'Another' } }) } });

    await expect(kv.set('a', 'b')).rejects.toMatchObject({ name: 'KvRefusedError', code: 'kv_conflict' });
  });

  it('[LANG-3] sends log lines and events', async () => {
    const told = signal<EventV2>();
    const logs: LogV2[] = [];
    const { log, events } = await context({ handlers: { log: (line) => logs.push(line), event: told.resolve } });
    log.info('hello', { a: 1 });
    events.emit('sync.done', { count: 3 });

    expect(await told.promise).toEqual({ name: 'sync.done', data: { count: 3 } });
    expect(logs).toEqual([{ level: 'info', message: 'hello', fields: { a: 1 } }]);
    expect(() => events.emit('Not a name')).toThrow(TypeError);
  });

  it('[LANG-3] has the newest settings, also in the handlers', async () => {
    const changed = signal<unknown>();
    const host = await start({
      http: (_request, { settings }) => Response.json(settings),
      onSettings: (settings, ctx) => changed.resolve([settings, ctx.settings]),
    });
    host.connection.sendSettings({ settings: { colour: 'red' } });

    expect(await changed.promise).toEqual([{ colour: 'red' }, { colour: 'red' }]);
    expect(await textOf(await host.ask())).toBe('{"colour":"red"}');
  });

  it('[LANG-3] has settings that nobody can change by mistake', async () => {
    const { settings } = await context({ init: { settings: { list: [{ a: 1 }] } } });

    expect(() => Object.assign(settings, { colour: 'red' })).toThrow(TypeError);
    expect(() => Object.assign((settings['list'] as object[])[0]!, { a: 2 })).toThrow(TypeError);
  });

  it('[LANG-3] tells every listener of new settings, until it is enough', async () => {
    const heard: unknown[] = [];
    const logs: LogV2[] = [];
    let leave: () => void = () => undefined;
    const host = await start(
      {
        onInit: (ctx) => {
          ctx.onSettingsChange(() => Promise.reject(new Error('broken')));
          leave = ctx.onSettingsChange((settings) => void heard.push(settings['n'], ctx.settings['n']));
        },
        // A handler's context has the same.
        http: (_request, ctx) => {
          ctx.onSettingsChange((settings) => void heard.push(['late', settings['n']]));
          return new Response();
        },
      },
      { handlers: { log: (line) => logs.push(line) } },
    );
    host.connection.sendSettings({ settings: { n: 1 } });
    await host.ask();
    expect(heard).toEqual([1, 1]);
    leave();
    host.connection.sendSettings({ settings: { n: 2 } });
    await host.connection.ping(20_000);

    expect(heard).toEqual([1, 1, ['late', 2]]);
    expect(logs).toMatchObject([{ error: { message: 'broken' } }, { error: { message: 'broken' } }]);
  });
});

describe('the features', () => {
  it('[PRO-6] [LANG-3] of the answer are those that were offered and are of use', async () => {
    const http = (): Response => new Response();
    const featuresOf = async (definition: Parameters<typeof start>[0], features: string[]): Promise<unknown> => {
      const { handshake } = await start(definition, { init: { features } });
      return handshake.ok && handshake.ready.features;
    };

    expect(await featuresOf({ http }, [...FEATURES_V2, 'telepathy'])).toEqual(FEATURES_V2);
    expect(await featuresOf({}, [...FEATURES_V2])).toEqual(['stream', 'kv', 'log', 'event', 'settings']);
    expect(await featuresOf({ http }, ['kv', 'telepathy'])).toEqual(['kv']);
    expect(await featuresOf({ http }, [])).toEqual([]);
  });

  it('[PRO-6] [LANG-3] that a host does not offer say so when they are used; log lines are printed', async () => {
    const given = signal<PluginContext>();
    const asked: string[] = [];
    const host = await start(
      { onInit: (ctx) => given.resolve(ctx) },
      {
        init: { features: ['stream'] },
        handlers: {
          kv: () => ({ value: '1', revision: 1 }),
          log: () => asked.push('log'),
          event: () => asked.push('event'),
        },
      },
    );
    const { kv, log, events, features } = await given.promise;

    expect([...features]).toEqual(['stream']);
    await expect(kv.get('a')).rejects.toMatchObject({ name: 'FeatureUnavailableError', feature: 'kv' });
    await expect(kv.entries().next()).rejects.toThrow('This host does not offer the feature "kv"');
    expect(() => events.emit('a')).toThrow('This host does not offer the feature "event"');
    log.warn('late', { ms: 12 });
    expect(console.error).toHaveBeenCalledWith('{"level":"warn","message":"late","ms":12}');
    await host.connection.ping(20_000);
    expect(asked).toEqual([]);
  });
});

describe('keys that the plugin keeps itself', () => {
  it('[KV-8] [LANG-3] are asked for by the host, with its conditions', async () => {
    const keys = new Map([['a', '1']]);
    const given: unknown[] = [];
    const host = await start({
      kv: {
        get: (key, ctx) => (key === 'counted' ? { value: ctx.instanceId, revision: 7 } : (keys.get(key) ?? null)),
        set: (key, value, options) => {
          given.push(options);
          keys.set(key, value);
          return key === 'counted' ? 8 : undefined;
        },
        delete: async (key, options) => {
          given.push(options);
          return Promise.resolve(keys.delete(key));
        },
      },
    });
    const { connection } = host;

    expect(await connection.kv<'get'>({ action: 'get', key: 'a' })).toEqual({ value: '1', revision: 0 });
    expect(await connection.kv<'get'>({ action: 'get', key: 'b' })).toEqual({ value: null, revision: 0 });
    expect(await connection.kv<'get'>({ action: 'get', key: 'counted' })).toEqual({ value: 'instance-1', revision: 7 });
    expect(await connection.kv<'set'>({ action: 'set', key: 'b', value: 'ž' })).toEqual({ revision: 0 });
    expect(await connection.kv<'set'>({ action: 'set', key: 'counted', value: '', ttl_ms: 5, if_revision: 7 })).toEqual(
      { revision: 8 },
    );
    expect(await connection.kv<'delete'>({ action: 'delete', key: 'b', if_revision: 1 })).toEqual({ deleted: true });
    expect(await connection.kv<'delete'>({ action: 'delete', key: 'b' })).toEqual({ deleted: false });
    expect(given).toEqual([{}, { ttlMs: 5, ifRevision: 7 }, { ifRevision: 1 }, {}]);
  });

  it.each<[string, Parameters<typeof start>[0], string]>([
    ['does not keep any', {}, 'invalid_request'],
    ['does not take it', { kv: { get: () => null } }, 'invalid_request'],
    [
      'refuses it',
      {
        kv: {
          set: () => {
            throw new KvRefusedError('kv_quota_exceeded', 'Enough');
          },
        },
      },
      'kv_quota_exceeded',
    ],
    ['fails', { kv: { set: () => Promise.reject<number>(new Error('a secret')) } }, 'storage_unavailable'],
  ])('[KV-8] [LANG-3] are refused where the plugin %s', async (_what, definition, code) => {
    const { connection } = await start(definition);
    const error: unknown = await connection.kv<'set'>({ action: 'set', key: 'a', value: '' }).catch((e: unknown) => e);

    expect(error).toMatchObject({ name: 'KvRefusedError', code });
    expect(String(error)).not.toContain('secret');
    await expect(connection.kv<'list'>({ action: 'list' })).rejects.toMatchObject({ code: 'invalid_request' });
  });
});

describe('the end', () => {
  it('[PRO-5] [LANG-3] after a shutdown finishes what is in flight, then tells the plugin, with status 0', async () => {
    const order: string[] = [];
    const begun = signal();
    const go = signal();
    const host = await start({
      http: async (_request, ctx) => {
        begun.resolve();
        ctx.stopping.addEventListener('abort', () => go.resolve());
        await go.promise;
        order.push('answered');
        return new Response('done');
      },
      onShutdown: () => void order.push('shutdown'),
    });
    const answer = host.ask();
    await begun.promise;
    host.connection.sendShutdown({ grace_ms: 20_000 });

    expect(await textOf(await answer)).toBe('done');
    expect(await host.exitStatus).toBe(0);
    expect(order).toEqual(['answered', 'shutdown']);
  });

  it('[PRO-5] [LANG-3] ends event streams, and takes nothing new', async () => {
    const host = await start({
      http: () =>
        sse(async function* () {
          yield 'one';
          await never();
        }),
      onShutdown: () => undefined,
    });
    const answer = await host.ask();
    const body = answer.body as ReceiveStream;
    await body.read();
    host.connection.sendShutdown({ grace_ms: 20_000 });
    const late = host.ask();

    expect(await body.read()).toBeUndefined();
    const refusal = await late;
    expect([refusal.status, new Map(refusal.headers).get('content-type')]).toEqual([503, 'application/problem+json']);
    expect(JSON.parse(await textOf(refusal))).toEqual({
      ...{ type: 'about:blank', title: 'Service Unavailable', status: 503, detail: 'The plugin is about to end' },
    });
    expect(await host.exitStatus).toBe(0);
  });

  it('[PRO-5] [LANG-3] does not wait for a handler beyond the grace', async () => {
    const host = await start({ http: never });
    const answer = host.ask().catch((error: unknown) => (error as Error).name);
    host.connection.sendShutdown({ grace_ms: 50 });

    expect(await host.exitStatus).toBe(0);
    expect(await answer).toBe('ConnectionClosedError');
  });

  it('[PRO-6] [LANG-3] comes with the connection: a plugin never outlives its host', async () => {
    const told = signal();
    const host = await start({ onShutdown: () => told.resolve() });
    await host.connection.close();

    await told.promise;
    expect(await host.exitStatus).toBe(1);
  });

  it('[PRO-5] [LANG-3] comes with a signal as with a shutdown', async () => {
    const stop = new AbortController();
    const host = await start({}, { serve: { signal: stop.signal } });
    stop.abort();

    expect(await host.exitStatus).toBe(0);
  });

  it.each([
    [new ConfigError('No url'), 'config', 78],
    [new Error('Broken'), 'internal', 1],
  ])('[SUP-10] [LANG-3] where onInit throws %s the host learns why', async (error, code, status) => {
    const host = await start({ onInit: () => Promise.reject(error) });

    expect(host.handshake).toEqual({ ok: false, failed: { code, message: error.message } });
    expect(await host.exitStatus).toBe(status);
  });

  it('[LIC-1] [LANG-3] without the licence that it needs a plugin does not start, with one it does', async () => {
    const without = await start({ metadata: { license: 'required' } });
    const keys: (string | null)[] = [];
    const onInit = ({ license }: PluginContext): void => void keys.push(license.key);
    const withKey = await start({ metadata: { license: 'required' }, onInit }, { init: { license_key: 'K' } });

    expect(without.handshake).toMatchObject({ ok: false, failed: { code: 'license' } });
    expect(await without.exitStatus).toBe(78);
    expect(withKey.handshake).toEqual({
      ok: true,
      ready: { protocol: 2, features: ['stream', 'kv', 'log', 'event', 'settings'] },
    });
    expect(keys).toEqual(['K']);
  });

  it('[LANG-3] stands connections that say nothing, and serves one host only', async () => {
    const host = await start({ http: () => new Response('ok') });
    const other = connect(host.socketPath);
    await new Promise((resolve) => other.once('close', resolve));

    expect(await textOf(await host.ask())).toBe('ok');
  });

  it('[LANG-3] rejects where it cannot listen', async () => {
    const metadata = { id: 'acme', name: 'Acme', version: '1', icon: 'A', route: '/acme' };

    await expect(servePlugin({ metadata }, '/nowhere/at/all')).rejects.toMatchObject({ syscall: 'listen' });
  });
});
