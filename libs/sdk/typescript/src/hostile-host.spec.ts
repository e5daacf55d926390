import { readdirSync, readFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { fileURLToPath } from 'node:url';
import { runInNewContext } from 'node:vm';
import { jest } from '@jest/globals';
import { encodeFrameV2 } from '@toru/protocol';
import fc from 'fast-check';
import type { PluginDefinition } from './plugin-definition';
import { INIT, RawHost } from './testing/raw-host';
import { clientFrame } from './testing/client-frame';
import { upgradeWebSocket } from './websocket';

interface Refused {
  readonly direction: 'host-to-plugin' | 'plugin-to-host' | 'both';
  readonly ready: boolean;
  readonly frames: string;
  readonly reason: string;
}

const folder = new URL('../../../contracts/vectors/v2/refused/', import.meta.url);
const refused = readdirSync(fileURLToPath(folder))
  .map((name) => [name, JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as Refused] as const)
  .filter(([, { direction }]) => direction !== 'plugin-to-host');

const MIB = 1_048_576;
const WINDOW = INIT.limits.window;

const never = (): Promise<never> => new Promise(() => undefined);
const hosts: RawHost[] = [];
const unhandled: unknown[] = [];
const onUnhandled = (reason: unknown): void => void unhandled.push(reason);

async function start(definition: Omit<PluginDefinition, 'metadata'>): Promise<RawHost> {
  const host = await RawHost.ready(definition);
  hosts.push(host);
  return host;
}

const frame = (message: object, tail?: Uint8Array): Buffer => Buffer.concat(encodeFrameV2(message, tail));
const request = (id: string, fields: object = {}): Buffer =>
  frame({
    ...{ type: 'http', request_id: id },
    payload: { method: 'POST', path: '/', base: '', headers: {}, user: null, remote: '', ...fields },
  });
const data = (payload: object, tail?: Uint8Array): Buffer => frame({ type: 'data', payload }, tail);
const printed = (): string[] => jest.mocked(console.error).mock.calls.map(([text]) => String(text));

beforeAll(() => void process.on('unhandledRejection', onUnhandled));
afterAll(() => void process.off('unhandledRejection', onUnhandled));
beforeEach(() => void jest.spyOn(console, 'error').mockReturnValue());
afterEach(async () => {
  for (const host of hosts.splice(0)) await host.close();
  jest.restoreAllMocks();
  await new Promise((resolve) => setImmediate(resolve));
  expect(unhandled.splice(0)).toEqual([]);
});

describe('a hostile host', () => {
  it.each(refused)('[PRO-8] [LANG-3] that sends %s ends the plugin, which says why once', async (_name, vector) => {
    const { ready, frames, reason } = vector;
    const definition = { http: never, onInit: ready ? undefined : never } as Omit<PluginDefinition, 'metadata'>;
    const host = await RawHost.connect(definition);
    hosts.push(host);
    host.init();
    if (ready) await host.message(({ action }) => action === 'ready');
    host.bytes(Buffer.from(frames, 'hex'));
    if (reason === 'truncated') host.socket.end();

    expect(await host.exitStatus).toBe(1);
    expect(printed()).toEqual([expect.stringContaining(`protocol error: ${reason}: `)]);
  });

  it.each<[string, Buffer[], string]>([
    [
      'more than the window',
      [request('1', { stream: 1 }), data({ stream: 1 }, Buffer.alloc(WINDOW)), data({ stream: 1 }, Buffer.alloc(1))],
      'window_exceeded',
    ],
    ['more requests than allowed', Array.from({ length: 1025 }, (_, n) => request(`${n}`)), 'too_many_requests'],
    ['a path of a wrong type', [request('1', { path: ['/'] })], 'invalid_http_request'],
    ['a stream with a huge number', [request('1', { stream: 2 ** 53 + 1 })], 'invalid_stream'],
    ['a fraction of a stream', [request('1', { stream: 1.5 })], 'invalid_stream'],
  ])('[PRO-8] [LANG-3] that sends %s ends the plugin', async (_what, frames, reason) => {
    const host = await start({ http: never });
    host.bytes(Buffer.concat(frames));

    expect(await host.exitStatus).toBe(1);
    expect(printed()).toEqual([expect.stringContaining(`protocol error: ${reason}: `)]);
  });

  it.each([{ max_frame: 0 }, { window: 0 }, { window: -1 }, { max_frame: 'x' }, { window: 1.5 }])(
    '[PRO-8] [LANG-3] with limits that cannot be worked with is not served: %j',
    async (limits) => {
      const stop = new AbortController();
      const host = await RawHost.connect({}, { signal: stop.signal });
      host.init({ limits });
      await new Promise((resolve) => host.socket.once('close', resolve));
      // Nobody is served yet: another host may come.
      stop.abort();

      expect(await host.exitStatus).toBe(0);
      expect(host.received).toEqual([]);
      expect(printed()).toEqual([expect.stringContaining('protocol error: invalid_lifecycle: ')]);
    },
  );

  it('[PRO-8] [LANG-3] that sends single bytes sends the same messages', async () => {
    const host = await start({ http: async (given) => new Response(await given.text()) });
    for (const byte of Buffer.concat([request('1', { body: 'slowly' }), request('2', { body: 'again' })])) {
      host.bytes(Buffer.of(byte));
    }

    expect((await host.answer('1')).body.toString()).toBe('slowly');
    expect((await host.answer('2')).body.toString()).toBe('again');
  });

  it('[PRO-8] [LANG-3] that names a user in a wrong way names none, and headers are text', async () => {
    const host = await start({ http: (given, { user }) => Response.json([user, given.headers.get('a')]) });
    host.bytes(request('1', { user: 'root', headers: { a: 1 } }));

    expect((await host.answer('1')).body.toString()).toBe('[null,"1"]');
  });

  it('[PRO-8] [LANG-3] cannot reach a prototype, and a name twice is the last one', async () => {
    const host = await start({
      http: (given, ctx) =>
        Response.json([Object.fromEntries(given.headers), ctx.settings, ({} as { admin?: true }).admin]),
    });
    const head =
      '{"type":"lifecycle","action":"settings","timestamp":"","payload":{"settings":{"__proto__":{"admin":true},"a":1,"a":2}}}';
    const text = Buffer.from(head);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(text.length);
    host.bytes(Buffer.concat([length, text]));
    host.bytes(request('1', { headers: JSON.parse('{"__proto__":"x","constructor":"y"}') as object }));
    const [headers, settings, admin] = JSON.parse((await host.answer('1')).body.toString()) as [
      object,
      object,
      unknown,
    ];

    expect(Object.getPrototypeOf(headers)).toBe(Object.prototype);
    expect(headers).toHaveProperty('constructor', 'y');
    expect(settings).toHaveProperty('a', 2);
    expect(admin).toBeNull();
  });

  it('[PRO-6] [LANG-3] that answers what was not asked, late or twice, ends the plugin; a request that it answered stands', async () => {
    let value: Promise<string | null> | undefined;
    const host = await start({ onInit: (ctx) => void setImmediate(() => void (value = ctx.kv.get('a'))), http: never });
    const { request_id } = await host.message(({ type }) => type === 'kv');
    host.send({ type: 'kv', request_id, payload: { value: 'first', revision: 1 } });
    host.send({ type: 'kv', request_id, payload: { value: 'second', revision: 2 } });

    expect(await host.exitStatus).toBe(1);
    expect(await value).toBe('first');
    expect(printed()).toEqual([expect.stringContaining('unknown_request_id')]);
  });

  it('[PRO-8] [LANG-3] whose answer is of no use costs one request', async () => {
    const errors: unknown[] = [];
    const host = await start({
      onInit: (ctx) => void setImmediate(() => void ctx.kv.get('a').catch((error: unknown) => errors.push(error))),
    });
    const { request_id } = await host.message(({ type }) => type === 'kv');
    host.send({ type: 'kv', request_id, payload: { value: 7 } });
    await host.ping('p');

    expect(errors).toMatchObject([{ name: 'RequestError', kind: 'unusable_answer' }]);
  });

  it('[PRO-8] [LANG-3] that asks without reading the answers is not read, and costs no memory without bound', async () => {
    const host = await start({});
    host.socket.pause();
    // Each of these characters takes six bytes in the answer.
    const pings = Buffer.concat(
      Array.from({ length: 1000 }, (_, n) => frame({ type: 'ping', request_id: `${n}`.padEnd(128, '\u0001') })),
    );
    const before = await keptBytes();
    let taken = 0;
    const end = { come: false };
    void host.exitStatus.then(() => (end.come = true));
    // A plugin that queues what it answers would take all of these 128 MiB.
    while (!end.come && taken < 128 * MIB) {
      if (!host.bytes(pings))
        await Promise.race([new Promise((resolve) => host.socket.once('drain', resolve)), host.exitStatus]);
      taken += pings.length;
    }

    expect(end.come).toBe(true);
    expect(await leastKeptBytes(before + 96 * MIB)).toBeLessThan(before + 96 * MIB);
    expect(printed()).toHaveLength(1);
  });

  it('[PRO-7] [LANG-3] that sends single bytes which nobody reads costs about the window', async () => {
    const host = await start({ http: never });
    host.bytes(request('1', { stream: 1 }));
    const before = await keptBytes();
    const byte = data({ stream: 1 }, Buffer.of(1));
    for (let n = 0; n < 16; n++) host.bytes(Buffer.concat(Array.from({ length: 4096 }, () => byte)));
    await host.ping('p');

    expect(await leastKeptBytes(before + 8 * MIB)).toBeLessThan(before + 8 * MIB);
  });

  it('[PRO-6] [LANG-3] that vanishes ends the plugin, whatever is in flight', async () => {
    const begun: Promise<unknown>[] = [];
    const settled: string[] = [];
    const started = (name: string, work: Promise<unknown>): void => {
      begun.push(work.then(() => settled.push(`${name} ended`)).catch(() => settled.push(`${name} failed`)));
    };
    let allBegun: () => void = () => undefined;
    const ready = new Promise<void>((resolve) => (allBegun = resolve));
    const host = await start({
      http: (given, ctx) => {
        if (given.headers.get('upgrade') === 'websocket') {
          return upgradeWebSocket(given, async (socket) => {
            started('socket', socket.closed);
            await socket.receive();
            allBegun();
            await never();
          });
        }
        started('kv', ctx.kv.get('a'));
        started('body', given.text());
        return new Response(new ReadableStream({ pull: (to) => to.enqueue(new Uint8Array(65_536)) }));
      },
    });
    host.bytes(request('1', { stream: 1 }));
    const headers = {
      upgrade: 'websocket',
      'sec-websocket-version': '13',
      'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
    };
    host.send({
      ...{ type: 'upgrade', request_id: '2' },
      payload: { method: 'GET', path: '/', base: '', headers, user: null, remote: '', stream: 3 },
    });
    host.bytes(data({ stream: 3 }, clientFrame({ opcode: 1, payload: 'a' })));
    await ready;
    host.socket.destroy();

    expect(await host.exitStatus).toBe(1);
    await Promise.all(begun);
    expect(settled.sort()).toEqual(['body failed', 'kv failed', 'socket ended']);
  });

  it('[PRO-8] [LANG-3] property: any frames and bytes end the plugin or are answered, never anything else', async () => {
    const ids = fc.constantFrom('1', '2', '', 'x'.repeat(129));
    const stream = fc.constantFrom(1, 3, 5, 2, 0, -1, 2 ** 53);
    const part = fc.oneof(
      ids.map((id) => request(id)),
      fc.tuple(ids, stream).map(([id, number]) => request(id, { stream: number })),
      fc.tuple(stream, fc.uint8Array({ maxLength: 30 })).map(([number, bytes]) => data({ stream: number }, bytes)),
      stream.map((number) => data({ stream: number, end: true })),
      stream.map((number) => data({ stream: number, credit: 10 })),
      ids.map((id) => frame({ type: 'cancel', request_id: id })),
      fc.jsonValue({ maxDepth: 3 }).map((payload) => frame({ type: 'lifecycle', action: 'settings', payload })),
      fc.jsonValue({ maxDepth: 3 }).map((payload) => frame({ type: 'kv', request_id: 'k', payload })),
      fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes)),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(part, { maxLength: 8 }), async (parts) => {
        const host = await RawHost.ready({ http: async (given) => new Response(await given.text()) });
        host.bytes(Buffer.concat(parts));
        host.socket.end();

        expect(await host.exitStatus).toBe(1);
        expect(unhandled).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });
});

/** The same, looked at again and again unless it is less than that: what was let go of is not found at once. */
async function leastKeptBytes(enough: number): Promise<number> {
  let least = await keptBytes();
  for (let look = 1; look < 100 && least >= enough; look++) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    least = Math.min(least, await keptBytes());
  }
  return least;
}

/**
 * What is kept, and not what was used: buffers that are garbage are given back beside the program, by the collection after
 * the one that found them, and some are found only once the sockets have let go of them.
 */
async function keptBytes(): Promise<number> {
  setFlagsFromString('--expose-gc');
  const collectGarbage = runInNewContext('gc') as () => void;
  for (let turn = 0; turn < 3; turn++) {
    collectGarbage();
    await new Promise((resolve) => setImmediate(resolve));
  }
  const { heapUsed, external, arrayBuffers } = process.memoryUsage();
  return heapUsed + external + arrayBuffers;
}
