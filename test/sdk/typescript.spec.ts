import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { copyFileSync } from 'node:fs';
import path from 'node:path';
import type { LogEntry, Page, PluginEvent } from '@toru/contracts';
import { WebSocket } from 'ws';
import { startHost, type TestHost } from '../support/host';

const ROOT = path.resolve(import.meta.dirname, '../..');
const FIVE_MIB = 5 * 1024 * 1024;

function build(host: TestHost, entry: string, id: string): void {
  const file = path.join(host.directories.plugins, `${id}.binary`);
  execFileSync(process.execPath, ['scripts/build-plugin.mjs', entry, '-o', file], { cwd: ROOT });
}

describe('plugins that use the TypeScript SDK', () => {
  let host: TestHost;

  beforeAll(async () => {
    // a plugin that is well ends long before its grace is over, however busy the machine is
    const env = { TORU_BACKOFF_BASE_MS: '20', TORU_BACKOFF_MAX_MS: '20', TORU_SHUTDOWN_GRACE_MS: '60000' };
    host = await startHost({ env });
    build(host, 'test/fixtures/sdk-typescript.ts', 'sdk-ts');
    build(host, 'examples/stream-node/stream-node.ts', 'stream-node');
    build(host, 'examples/hello-node/hello-node.ts', 'hello-node');
    await host.api('/api/plugins/rescan', { method: 'POST' });
    for (const id of ['sdk-ts', 'stream-node', 'hello-node']) {
      await host.enable(id);
      await host.untilPlugin(id, 'running');
    }
  });
  afterAll(async () => {
    await (host as TestHost | undefined)?.dispose();
  });

  const seen = (): Promise<Record<string, number>> => host.json('/api/plugins/sdk-ts/seen');

  it('[LANG-3] [META-1] print their metadata as one file that runs by itself', async () => {
    const file = path.join(host.directories.data, 'copy.binary');
    copyFileSync(path.join(host.directories.plugins, 'sdk-ts.binary'), file);
    const metadata: unknown = JSON.parse(execFileSync(file, ['--metadata'], { encoding: 'utf8' }));

    expect(metadata).toMatchObject({ id: 'sdk-ts', protocol: 2, public_paths: ['/json/*'] });
    expect(await host.plugin('sdk-ts')).toMatchObject({ status: 'running', protocol: 2, name: 'SDK' });
  });

  it.each([
    ['/plugins/sdk-ts', '/sdk-ts'],
    ['/api/plugins/route/sdk-ts', ''],
    ['/api/plugins/sdk-ts', ''],
  ])('[LANG-3] [PRO-6] [RTE-1] answer JSON under %s', async (prefix, base) => {
    const { instance_id } = await host.json<{ instance_id: string }>('/api/instance');
    const answer = await host.json<{ base: string }>(`${prefix}/json/a%20b?q=1`, { headers: { accept: 'text/x-odd' } });

    expect(answer).toEqual({
      ...{ id: 'a b', query: '?q=1', accept: 'text/x-odd', instance_id },
      base: expect.stringMatching(new RegExp(`^${base}/?$`)),
      user: expect.objectContaining({ name: 'admin', role: 'admin' }),
    });
  });

  it('[LANG-3] know that nobody is signed in on a public path', async () => {
    expect(await host.json('/plugins/sdk-ts/json/1', { as: 'nobody' })).toMatchObject({ user: null });
  });

  it.each([0, 1, 70_000, FIVE_MIB])('[PRO-7] [RTE-6] carry %i random bytes there and back', async (size) => {
    const bytes = randomBytes(size);
    const response = await host.api('/api/plugins/sdk-ts/echo', { method: 'POST', body: bytes });
    const back = Buffer.from(await response.arrayBuffer());

    expect(response.status).toBe(200);
    expect(back.equals(bytes)).toBe(true);
  });

  it('[PRO-7] [RTE-6] let events through one by one', async () => {
    const response = await host.api('/plugins/sdk-ts/events');
    const reader = response.body!.getReader();
    const event = async (): Promise<string> => Buffer.from((await reader.read()).value as Uint8Array).toString();

    expect(response.headers.get('content-type')).toBe('text/event-stream');
    // Each is asked for only after the one before has come.
    for (let n = 0; n < 3; n++) {
      expect(await event()).toBe(`event: step\ndata: {"n":${n}}\n\n`);
      await host.api('/api/plugins/sdk-ts/next', { method: 'POST' });
    }
    const { aborted } = await seen();
    await reader.cancel();
    await host.waitFor('the signal of the events', async () => (await seen())['aborted'] === Number(aborted) + 1);
  });

  it('[PRO-6] [RTE-6] tell a handler that its client has left, before and after its answer began', async () => {
    const { aborted } = await seen();
    const leave = new AbortController();
    const waiting = host.api('/api/plugins/sdk-ts/wait', { signal: leave.signal }).catch(() => 'left');
    await host.waitFor('the handler to wait', async () => (await seen())['waiting']);
    const events = await host.api('/plugins/sdk-ts/events', { signal: leave.signal });
    leave.abort();

    expect(await waiting).toBe('left');
    await expect(events.text()).rejects.toThrow();
    await host.waitFor('both signals', async () => (await seen())['aborted'] === Number(aborted) + 2);
  });

  it('[PRO-6] answer 64 requests at once, each with its own answer', async () => {
    const answers = await Promise.all(
      Array.from({ length: 64 }, async (_, n) => {
        const body = createHash('sha512').update(`${n}`).digest();
        const response = await host.api(`/api/plugins/sdk-ts/echo?${n}`, { method: 'POST', body });
        return Buffer.from(await response.arrayBuffer()).equals(body);
      }),
    );

    expect(answers).toEqual(Array.from({ length: 64 }, () => true));
  });

  it('[KV-6] keep values in the storage of the host, with revisions, lists and batches', async () => {
    const key = '/plugins/sdk-ts/kv/k1';
    const { revision } = await host.json<{ revision: number }>(key, { method: 'PUT', body: 'žluť' });

    expect(await host.json(key)).toEqual({ value: 'žluť', revision });
    expect(await host.json('/plugins/sdk-ts/kv')).toEqual(['k1']);
    expect(await host.json('/plugins/sdk-ts/kv/batch', { method: 'POST' })).toEqual([
      { revision: expect.any(Number) },
      { value: 'b', revision: expect.any(Number) },
      { deleted: true },
    ]);
    expect(await host.json(key, { method: 'DELETE' })).toEqual({ deleted: true });
    expect(await host.json(key)).toEqual({ value: null, revision: 0 });
  });

  it('[LANG-3] [OBS-1] [OBS-3] write into their log and into the events', async () => {
    expect(await host.json('/plugins/sdk-ts/tell', { method: 'POST' })).toBe(true);
    const line = await host.waitFor('the line', async () =>
      (await host.json<Page<LogEntry>>('/api/plugins/sdk-ts/logs')).items.find((each) => each['order'] === 7),
    );
    const event = await host.waitFor('the event', async () =>
      (await host.json<Page<PluginEvent>>('/api/plugins/sdk-ts/events?page_size=100')).items.find(
        ({ event_type }) => event_type === 'plugin.order.placed',
      ),
    );

    expect(line).toMatchObject({ level: 'warn', message: 'something is odd', error: { name: 'TypeError' } });
    expect(event.details).toMatchObject({ order: 7 });
  });

  it('[LANG-3] answer 500 without a reason where a handler fails, and log it', async () => {
    const response = await host.api('/plugins/sdk-ts/fail');

    expect(response.status).toBe(500);
    expect(await response.text()).not.toContain('secret');
    await host.waitFor('the line', async () => {
      const { items } = await host.json<Page<LogEntry>>('/api/plugins/sdk-ts/logs');
      return items.some((line) => line.level === 'error' && JSON.stringify(line).includes('a secret'));
    });
  });

  it('[FE-1] [LANG-3] serve the bundle that is embedded', async () => {
    for (const id of ['sdk-ts', 'stream-node', 'hello-node']) {
      const response = await host.api(`/api/plugins/${id}/bundle.js`);
      expect(response.headers.get('content-type')).toMatch(/^text\/javascript/);
      expect(await response.text()).toContain('export function mount(');
    }
  });

  it('[RTE-6] [PRO-7] the example sends downloads, counts and hashes uploads', async () => {
    const bytes = randomBytes(FIVE_MIB);
    const upload = await host.api('/api/plugins/stream-node/upload', { method: 'POST', body: bytes });
    const lines = (await upload.text()).trimEnd().split('\n');
    const download = await host.api(`/api/plugins/stream-node/download?bytes=${FIVE_MIB + 1}`);

    expect(lines.length).toBeGreaterThan(1);
    expect(JSON.parse(lines.at(-1)!)).toEqual({
      bytes: FIVE_MIB,
      sha256: createHash('sha256').update(bytes).digest('hex'),
    });
    expect((await download.arrayBuffer()).byteLength).toBe(FIVE_MIB + 1);
  });

  it('[RTE-6] [PRO-7] the example says how far an upload is while it is sent', async () => {
    let goOn: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => (goOn = resolve));
    const body = ReadableStream.from(
      (async function* () {
        yield Buffer.alloc(FIVE_MIB);
        await gate;
      })(),
    );
    const progress = await host.api('/plugins/stream-node/uploads/u1');
    const upload = host.api('/plugins/stream-node/upload?name=u1', { method: 'POST', body, duplex: 'half' });
    let told = '';
    for await (const chunk of progress.body!) {
      told += Buffer.from(chunk as Uint8Array).toString();
      if (told.includes(`data: {"bytes":${FIVE_MIB}}`)) break;
    }
    goOn();

    expect((await (await upload).text()).trimEnd().split('\n').at(-1)).toContain(`"bytes":${FIVE_MIB},"sha256"`);
  });

  it('[RTE-6] [LANG-3] the example sends back what it gets over a WebSocket', async () => {
    const url = `${host.url.replace('http', 'ws')}/plugins/stream-node/echo`;
    const client = new WebSocket(url, { headers: { cookie: await host.adminCookie() }, origin: host.url });
    const messages: (string | Buffer)[] = [];
    await once(client, 'open');
    for (const message of ['žluť 👋', Buffer.from([0, 255]), 'x'.repeat(300_000)]) {
      client.send(message);
      const [data, isBinary] = (await once(client, 'message')) as [Buffer, boolean];
      messages.push(isBinary ? data : data.toString());
    }
    client.close(1000, 'enough');

    expect(messages).toEqual(['žluť 👋', Buffer.from([0, 255]), 'x'.repeat(300_000)]);
    expect(await once(client, 'close')).toEqual([1000, Buffer.alloc(0)]);
  });

  it('[KV-6] the smallest example loses no visit when many come at once; the clock of the other one ticks', async () => {
    const { visits } = await host.json<{ visits: number }>('/plugins/hello-node/visits');
    await Promise.all(Array.from({ length: 20 }, () => host.json('/plugins/hello-node/visits', { method: 'POST' })));
    const clock = await host.api('/plugins/stream-node/clock');
    const reader = clock.body!.getReader();

    expect(await host.json('/plugins/hello-node/visits')).toMatchObject({ visits: visits + 20 });
    expect(Buffer.from((await reader.read()).value as Uint8Array).toString()).toMatch(/^event: tick\ndata: \{"time":/);
    await reader.cancel();
  });

  it('[LANG-3] [SUP-3] are started again after a crash', async () => {
    const { pid } = await host.plugin('sdk-ts');
    const response = await host.api('/plugins/sdk-ts/crash', { method: 'POST' });

    expect(response.status).toBe(502);
    await host.waitFor('another process', async () => {
      const plugin = await host.plugin('sdk-ts');
      return plugin.status === 'running' && plugin.pid !== pid;
    });
    expect(await host.json('/plugins/sdk-ts/json/1')).toMatchObject({ id: '1' });
  });

  it('[LANG-3] [PRO-5] end cleanly when they are disabled, also with an event stream open', async () => {
    const events = await host.api('/plugins/sdk-ts/events');
    const answer = await host.disable('sdk-ts');
    await events.text();
    const { items } = await host.waitFor('its last words', async () => {
      const page = await host.json<Page<LogEntry>>('/api/plugins/sdk-ts/logs');
      return page.items.some(({ message }) => message === 'ended as it should') && page;
    });

    expect(answer.plugin).toMatchObject({ status: 'disabled', pid: null });
    expect(items.some(({ message }) => message.includes('SIGTERM'))).toBe(false);
    expect(host.livingPluginsOf('sdk-ts')).toEqual([]);
  });

  it('[PRO-6] [LANG-3] do not outlive a host that was killed', async () => {
    await host.untilPlugin('stream-node', 'running');
    await host.kill();

    await host.waitFor('the plugin to end', () => host.livingPlugins().length === 0);
  });
});
