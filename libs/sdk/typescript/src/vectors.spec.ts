import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { LogLevelV2 } from '@toru/contracts';
import { KvRefusedError } from '@toru/protocol';
import { jest } from '@jest/globals';
import type { KvOperation } from './kv-client';
import type { PluginContext } from './plugin-context';
import type { PluginDefinition } from './plugin-definition';
import { ConfigError, LicenseError } from './plugin-errors';
import { INIT, RawHost, type RawMessage } from './testing/raw-host';
import { upgradeWebSocket } from './websocket';

type Json = Record<string, unknown>;

interface Vector {
  readonly direction: 'host-to-plugin' | 'plugin-to-host' | 'both';
  readonly message: RawMessage;
  readonly tail?: string;
  readonly frame: string;
}

const folder = new URL('../../../contracts/vectors/v2/', import.meta.url);
const vectors = readdirSync(fileURLToPath(folder))
  .filter((name) => name.endsWith('.json'))
  .map(
    (name) => [name.replace('.json', ''), JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as Vector] as const,
  );
const messageOf = (name: string): RawMessage => vectors.find(([each]) => each === name)![1].message;

const hosts: RawHost[] = [];

async function start(definition: Omit<PluginDefinition, 'metadata'>, init?: object): Promise<RawHost> {
  const host = await RawHost.ready(definition, init);
  hosts.push(host);
  return host;
}

async function startForContext(): Promise<{ host: RawHost; ctx: PluginContext }> {
  let ctx: PluginContext | undefined;
  const host = await start({ onInit: (given) => void (ctx = given) });
  return { host, ctx: ctx! };
}

const sendFrame = (host: RawHost, { frame }: Vector): void => void host.bytes(Buffer.from(frame, 'hex'));
const tailOf = ({ tail }: Vector): Buffer => Buffer.from(tail ?? '', 'base64');
const request = (id: string, fields: object = {}): object => ({
  type: 'http',
  request_id: id,
  payload: { method: 'POST', path: '/', base: '', headers: {}, user: null, remote: '', ...fields },
});
const joined = (headers: unknown): Json =>
  Object.fromEntries(Object.entries(headers as Json).map(([name, value]) => [name, [value].flat().join(', ')]));
const withoutId = ({ payload, type }: RawMessage): unknown => ({ type, payload });

beforeEach(() => void jest.spyOn(console, 'error').mockReturnValue());
afterEach(async () => {
  for (const host of hosts.splice(0)) await host.close();
  jest.restoreAllMocks();
});

/** What the SDK makes of a message of the host's. */
const received: readonly [RegExp, (vector: Vector) => Promise<void>][] = [
  [/^http-request-/, receivesRequest],
  [
    /^upgrade-request$/,
    async (vector) => {
      const host = await start({ http: (given) => upgradeWebSocket(given, () => undefined) });
      sendFrame(host, vector);
      const wanted = messageOf('upgrade-response');
      const { payload } = await host.message(({ type }) => type === 'http');
      expect({ ...payload, stream: 4 }).toEqual(wanted.payload);
    },
  ],
  [/^data-host-(bytes|bytes-end|end|error)$/, receivesStream],
  [/^data-host-(credit|refuses)$/, answersAsStream],
  [
    /^lifecycle-init/,
    async (vector) => {
      const contexts: PluginContext[] = [];
      const host = await RawHost.connect({ onInit: (ctx) => void contexts.push(ctx), http: () => new Response() });
      hosts.push(host);
      sendFrame(host, vector);
      const init = vector.message.payload!;
      const offered = init['features'] as string[];
      const features = INIT.features.filter((name) => offered.includes(name));
      const ready = await host.message(({ action }) => action === 'ready');
      expect(ready.payload).toEqual({ protocol: 2, features });
      expect(contexts).toMatchObject([
        {
          ...{ pluginId: init['plugin_id'], instanceId: init['instance_id'], dataDir: init['data_dir'] },
          ...{ settings: init['settings'], license: { key: init['license_key'] } },
        },
      ]);
    },
  ],
  [
    /^lifecycle-settings$/,
    async (vector) => {
      const { host, ctx } = await startForContext();
      sendFrame(host, vector);
      await host.ping('p');
      expect(ctx.settings).toEqual(vector.message.payload!['settings']);
    },
  ],
  [
    /^lifecycle-shutdown$/,
    async (vector) => {
      const host = await start({});
      sendFrame(host, vector);
      expect(await host.exitStatus).toBe(0);
    },
  ],
  [
    /^ping/,
    async (vector) => {
      const host = await start({});
      sendFrame(host, vector);
      const answer = await host.message(({ type }) => type === 'pong');
      expect(answer.request_id).toBe(vector.message.request_id);
    },
  ],
  [
    /^cancel$/,
    async (vector) => {
      let aborted: () => void = () => undefined;
      const done = new Promise<void>((resolve) => (aborted = resolve));
      const host = await start({
        http: (given) => {
          given.signal.addEventListener('abort', aborted);
          return new Promise(() => undefined);
        },
      });
      host.send(request(vector.message.request_id!));
      sendFrame(host, vector);
      await done;
    },
  ],
  [
    /^unknown-type/,
    async (vector) => {
      const host = await start({});
      sendFrame(host, vector);
      await host.ping('p');
      expect(host.received.map(({ type }) => type)).toEqual(['lifecycle', 'pong']);
    },
  ],
  [/^kv-answer-/, receivesKvAnswer],
  [/^kv-(get|set|delete)/, answersKvRequest],
];

async function receivesRequest(vector: Vector): Promise<void> {
  const payload = vector.message.payload!;
  const host = await start({
    http: async (given, { user, remote, base }) => {
      const { pathname, search } = new URL(given.url);
      const headers = Object.fromEntries(given.headers);
      const body = Buffer.from(await given.arrayBuffer()).toString('base64');
      return Response.json({ method: given.method, path: pathname + search, headers, user, remote, base, body });
    },
  });
  sendFrame(host, vector);
  const { stream } = payload;
  if (stream !== undefined) host.send({ type: 'data', payload: { stream, end: true } }, Buffer.from('streamed'));
  const { body } = await host.answer(vector.message.request_id!);
  const { method, path, base, headers, user, remote } = payload;
  const text = payload['body'] as string | undefined;
  const bytes = stream === undefined ? Buffer.from(text ?? tailOf(vector)) : Buffer.from('streamed');

  expect(JSON.parse(body.toString())).toEqual({
    ...{ method, user, remote, base, body: bytes.toString('base64') },
    path: (path as string).slice((base as string).length) || '/',
    headers: expect.objectContaining(joined(headers)),
  });
}

async function receivesStream(vector: Vector): Promise<void> {
  const { stream, end, error } = vector.message.payload!;
  let seen: (outcome: unknown) => void = () => undefined;
  const outcome = new Promise((resolve) => (seen = resolve));
  const host = await start({
    http: async (given) => {
      const chunks: Uint8Array[] = [];
      try {
        for await (const chunk of given.body!) chunks.push(chunk as Uint8Array);
        seen(Buffer.concat(chunks).toString());
      } catch (reason) {
        seen((reason as { code?: string }).code);
      }
      return new Response();
    },
  });
  host.send(request('1', { stream }));
  sendFrame(host, vector);
  if (!end && !error) host.send({ type: 'data', payload: { stream, end: true } });

  expect(await outcome).toBe(error ? (error as Json)['code'] : tailOf(vector).toString());
}

/** An answer without end on the stream 2: it goes on with credit, and stops when it is refused. */
async function answersAsStream(vector: Vector): Promise<void> {
  const { credit } = vector.message.payload!;
  let stopped: () => void = () => undefined;
  const stop = new Promise<void>((resolve) => (stopped = resolve));
  const host = await start({
    http: () =>
      new Response(new ReadableStream({ pull: (to) => to.enqueue(new Uint8Array(65_536)), cancel: () => stopped() })),
  });
  const bytes = (): number =>
    host.received.filter(({ type }) => type === 'data').reduce((sum, { tail }) => sum + (tail?.length ?? 0), 0);
  host.send(request('1'));
  await host.message(() => bytes() === INIT.limits.window);
  sendFrame(host, vector);

  if (credit === undefined) await stop;
  else await host.message(() => bytes() === INIT.limits.window + (credit as number));
}

async function receivesKvAnswer({ message }: Vector): Promise<void> {
  const { host, ctx } = await startForContext();
  const payload = message.payload as Json;
  const { results, items, error, value, deleted } = payload as { [name: string]: unknown; results?: Json[] };
  const operations = results?.map((result): KvOperation => {
    if ('value' in result) return { action: 'get', key: 'k' };
    return 'deleted' in result ? { action: 'delete', key: 'k' } : { action: 'set', key: 'k', value: '' };
  });
  const asked = (async (): Promise<unknown> => {
    if (operations) return { results: await ctx.kv.batch(operations) };
    if (items) return ctx.kv.list();
    if (deleted !== undefined) return { deleted: await ctx.kv.delete('k') };
    if (value !== undefined || error) return ctx.kv.entry('k');
    return { revision: await ctx.kv.set('k', 'v') };
  })().catch((refusal: unknown) => {
    const { code, message: text } = refusal as KvRefusedError;
    return { error: { code, message: text } };
  });
  const { request_id } = await host.message(({ type }) => type === 'kv');
  host.send({ ...message, request_id });

  expect(await asked).toEqual(payload);
}

async function answersKvRequest(vector: Vector): Promise<void> {
  const given: unknown[] = [];
  const host = await start({
    kv: {
      get: (key) => (given.push({ action: 'get', key }), 'value'),
      set: (key, value, { ttlMs, ifRevision }) =>
        given.push({ action: 'set', key, value, ttl_ms: ttlMs, if_revision: ifRevision }),
      delete: (key, { ifRevision }) => given.push({ action: 'delete', key, if_revision: ifRevision }) > 0,
    },
  });
  sendFrame(host, vector);
  const { payload, request_id } = await host.message(({ type }) => type === 'kv');
  const answers = { get: { value: 'value', revision: 0 }, set: { revision: 1 }, delete: { deleted: true } };

  expect(given).toEqual([vector.message.payload]);
  expect([request_id, payload]).toEqual([
    vector.message.request_id,
    answers[vector.message.payload!['action'] as keyof typeof answers],
  ]);
}

/** What the SDK does so that a message like this one goes to the host. */
const sent: readonly [RegExp, (vector: Vector) => Promise<void>][] = [
  [/^(http-response|upgrade-response-refused)/, sendsResponse],
  [
    /^upgrade-response$/,
    async () => received.find(([name]) => name.test('upgrade-request'))![1](vectorOf('upgrade-request')),
  ],
  [/^data-plugin-(bytes|bytes-end|end|error)$/, sendsStream],
  [
    /^data-plugin-credit$/,
    async ({ message }) => {
      const host = await start({ http: async (given) => new Response(await given.text()) });
      host.send(request('1', { stream: message.payload!['stream'] }));
      const bytes = new Uint8Array(65_536);
      for (let n = 0; n < 3; n++) host.send({ type: 'data', payload: { stream: 1 } }, bytes);
      const { payload } = await host.message(({ type }) => type === 'data');
      expect(payload).toEqual({ stream: 1, credit: expect.any(Number) });
    },
  ],
  [
    /^data-plugin-refuses$/,
    async ({ message }) => {
      const host = await start({
        http: async (given) => {
          await given.body!.cancel();
          return new Response();
        },
      });
      host.send(request('1', { stream: message.payload!['stream'] }));
      const { payload } = await host.message(({ type }) => type === 'data');
      const error = { ...(message.payload!['error'] as Json), message: expect.any(String) };
      expect(payload).toEqual({ ...message.payload, error });
    },
  ],
  [
    /^event/,
    async ({ message }) => {
      const { host, ctx } = await startForContext();
      ctx.events.emit(message.payload!['name'] as string, message.payload!['data'] as Json | undefined);
      expect(withoutId(await host.message(({ type }) => type === 'event'))).toEqual(withoutId(message));
    },
  ],
  [
    /^log/,
    async ({ message }) => {
      const { host, ctx } = await startForContext();
      const { level, message: text, fields, error } = message.payload as Json & { level: LogLevelV2 };
      ctx.log[level](text as string, { ...(fields as Json), error });
      expect(withoutId(await host.message(({ type }) => type === 'log'))).toEqual(withoutId(message));
    },
  ],
  [
    /^lifecycle-ready/,
    async ({ message }) => {
      const host = await start({ http: () => new Response() }, { features: message.payload!['features'] });
      expect(withoutId(host.received[0]!)).toEqual(withoutId(message));
    },
  ],
  [
    /^lifecycle-failed/,
    async ({ message }) => {
      const { code, message: text } = message.payload as { code: string; message: string };
      const Failure = { config: ConfigError, license: LicenseError, internal: Error }[code]!;
      const host = await RawHost.connect({ onInit: () => Promise.reject(new Failure(text)) });
      host.init();
      expect(withoutId(await host.message(({ type }) => type === 'lifecycle'))).toEqual(withoutId(message));
      expect(await host.exitStatus).toBe(code === 'internal' ? 1 : 78);
    },
  ],
  [/^kv-(get|set|delete|list|batch)/, sendsKvRequest],
  [
    /^kv-answer-/,
    async ({ message }) => {
      const { error, value, revision, deleted } = message.payload as Json;
      const host = await start({
        kv: {
          get: () => {
            if (error)
              throw new KvRefusedError((error as Json)['code'] as string, (error as Json)['message'] as string);
            return { value: value as string | null, revision: revision as number };
          },
          set: () => revision as number,
          delete: () => deleted as boolean,
        },
      });
      const operation =
        deleted !== undefined
          ? { action: 'delete' }
          : value === undefined && !error
            ? { action: 'set', value: '' }
            : { action: 'get' };
      host.send({ type: 'kv', request_id: message.request_id, payload: { ...operation, key: 'k' } });
      const { payload, request_id } = await host.message(({ type }) => type === 'kv');
      expect({ payload, request_id }).toEqual({ payload: message.payload, request_id: message.request_id });
    },
  ],
  [
    /^pong$/,
    async ({ message }) => {
      const host = await start({});
      await host.ping(message.request_id!);
      expect(host.received[1]).toEqual(message);
    },
  ],
];

async function sendsResponse(vector: Vector): Promise<void> {
  const { status, headers, stream, body: text } = vector.message.payload as Json & { status: number };
  const isNull = vector.tail === undefined && text === undefined && stream === undefined;
  const bytes = typeof text === 'string' ? Buffer.from(text) : tailOf(vector);
  const late = (async function* () {
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    yield Buffer.from('late');
  })();
  const host = await start({
    http: () => {
      const body = stream === undefined ? bytes : ReadableStream.from(late);
      return new Response(isNull ? null : body, { status, headers: joined(headers) as Record<string, string> });
    },
  });
  host.send(request(vector.message.request_id!, { method: 'GET' }));

  expect(await host.answer(vector.message.request_id!)).toEqual({
    status,
    headers: joined(headers),
    body: stream === undefined ? bytes : Buffer.from('late'),
  });
}

async function sendsStream(vector: Vector): Promise<void> {
  const { error } = vector.message.payload!;
  const isLast = ({ type, payload: data }: RawMessage): boolean =>
    type === 'data' && !!(data?.['end'] ?? data?.['error']);
  const host = await start({
    http: () => {
      const body = (async function* () {
        await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
        const bytes = tailOf(vector);
        if (bytes.length > 0) yield bytes;
        if (error) throw new Error('a secret');
      })();
      return new Response(ReadableStream.from(body));
    },
  });
  host.send(request('1'));
  const { payload } = await host.message(isLast);
  const data = host.received.filter(({ type }) => type === 'data');

  expect(Buffer.concat(data.map(({ tail }) => tail ?? Buffer.alloc(0)))).toEqual(tailOf(vector));
  if (error)
    expect(payload).toEqual({ stream: 2, error: { code: (error as Json)['code'], message: expect.any(String) } });
  else expect(payload).toEqual({ stream: 2, end: true });
}

async function sendsKvRequest({ message }: Vector): Promise<void> {
  const { host, ctx } = await startForContext();
  const payload = message.payload as Json & { key: string; value: string };
  const { ttl_ms, if_revision, prefix, cursor, limit, operations } = payload;
  const defined = (fields: Json): Json =>
    Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
  const asks: Record<string, () => Promise<unknown>> = {
    get: () => ctx.kv.get(payload.key),
    set: () => ctx.kv.set(payload.key, payload.value, defined({ ttlMs: ttl_ms, ifRevision: if_revision })),
    delete: () => ctx.kv.delete(payload.key, defined({ ifRevision: if_revision })),
    list: () => ctx.kv.list(defined({ prefix, cursor, limit })),
    batch: () =>
      ctx.kv.batch(
        (operations as Json[]).map(
          ({ if_revision: ifRevision, ...rest }) => defined({ ...rest, ifRevision }) as unknown as KvOperation,
        ),
      ),
  };
  void asks[payload['action'] as string]!().catch(() => undefined);

  expect((await host.message(({ type }) => type === 'kv')).payload).toEqual(payload);
}

function vectorOf(name: string): Vector {
  return vectors.find(([each]) => each === name)![1];
}

describe('the vectors of version 2, with the SDK', () => {
  const toPlugin = vectors.filter(([name, { direction }]) => direction !== 'plugin-to-host' && name !== 'pong');
  // The SDK does not ask the host whether it lives, or to give up; and it sends no types that do not exist.
  const never = ['cancel', 'ping', 'ping-timestamp-and-payload', 'unknown-type', 'unknown-type-tail'];
  const toHost = vectors.filter(([name, { direction }]) => direction !== 'host-to-plugin' && !never.includes(name));

  it.each(toPlugin)('[PRO-6] [LANG-3] takes %s', async (name, vector) => {
    const [, scenario] = received.find(([pattern]) => pattern.test(name)) ?? [];
    if (!scenario) throw new Error('No test says what the SDK makes of it');
    await scenario(vector);
  });

  it.each(toHost)('[PRO-6] [LANG-3] sends %s', async (name, vector) => {
    const [, scenario] = sent.find(([pattern]) => pattern.test(name)) ?? [];
    if (!scenario) throw new Error('No test says how the SDK sends it');
    await scenario(vector);
  });
});
