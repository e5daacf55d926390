import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startHost, type TestHost } from '../support/host';
import { LiveSocket } from '../support/web-sockets';

const ROOT = path.resolve(import.meta.dirname, '../..');
const EXAMPLE = path.join(ROOT, 'examples/hello-python-sdk');
const ID = 'hello-python-sdk';
/** A plugin that is well ends long before its grace is over, however busy the machine is. */
const PATIENT = { TORU_SHUTDOWN_GRACE_MS: '60000' };

interface Visits {
  readonly visits: number;
  readonly instance_id: string;
}

interface SocketState {
  readonly heard: readonly number[];
  readonly features: readonly string[];
  readonly settings: { readonly greeting?: string };
}

/** The example as its author would build it, for one version of the protocol. */
function buildExample(directory: string, protocol: number): string {
  const source = path.join(directory, 'source');
  mkdirSync(source);
  const entry = readFileSync(path.join(EXAMPLE, 'hello_python_sdk.py'), 'utf8');
  writeFileSync(
    path.join(source, 'entry.py'),
    entry.replace('version="1.0.0",', `version="1.0.0", protocol=${protocol},`),
  );
  copyFileSync(path.join(EXAMPLE, 'bundle.js'), path.join(source, 'bundle.js'));
  const output = path.join(directory, `${ID}.binary`);
  bundle(path.join(source, 'entry.py'), output, '--include', 'bundle.js');
  return output;
}

function bundle(entry: string, output: string, ...options: string[]): void {
  execFileSync('python3', ['-m', 'toru_plugin.bundle', entry, '-o', output, ...options], {
    env: {
      PATH: process.env['PATH'],
      PYTHONPATH: path.join(ROOT, 'libs/sdk/python/src'),
      PYTHONDONTWRITEBYTECODE: '1',
    },
    stdio: 'pipe',
  });
}

describe.each([1, 2])('[PRO-6] a plugin of the Python SDK, version %i', (protocol) => {
  let host: TestHost;
  let directory: string;

  beforeAll(async () => {
    directory = mkdtempSync(path.join(tmpdir(), 'sdk-py-'));
    const built = buildExample(directory, protocol);
    host = await startHost({ env: PATIENT });
    const target = path.join(host.directories.plugins, `${ID}.binary`);
    copyFileSync(built, target);
    chmodSync(target, 0o755);
    await host.json('/api/plugins/rescan', { method: 'POST' });
    await host.enable(ID);
    await host.untilPlugin(ID, 'running');
  });
  afterAll(async () => {
    await (host as TestHost | undefined)?.dispose();
    rmSync(directory, { recursive: true, force: true });
  });

  const addVisit = (route: string): Promise<Visits> => host.json<Visits>(route, { method: 'POST' });

  it('[LANG-2] [API-1] is in the list with its metadata', async () => {
    expect(await host.plugin(ID)).toMatchObject({ name: 'Hello Python SDK', route: `/${ID}`, protocol });
  });

  it('[RTE-1] [RTE-2] [RTE-3] [KV-1] counts its visits in the storage of the host, under each form of its route', async () => {
    const before = (await host.json<Visits>(`/plugins/${ID}/visits`)).visits;

    expect((await addVisit(`/plugins/${ID}/visits`)).visits).toBe(before + 1);
    expect((await addVisit(`/api/plugins/route/${ID}/visits`)).visits).toBe(before + 2);
    expect((await addVisit(`/api/plugins/${ID}/visits`)).visits).toBe(before + 3);
    await Promise.all(Array.from({ length: 20 }, () => addVisit(`/plugins/${ID}/visits`)));
    expect((await host.json<Visits>(`/plugins/${ID}/visits`)).visits).toBe(before + 23);
  });

  it('[ID-2] [PRO-2] knows the instance that it runs in', async () => {
    const { instance_id } = await host.json<{ instance_id: string }>('/api/instance');

    expect((await host.json<Visits>(`/plugins/${ID}/visits`)).instance_id).toBe(instance_id);
  });

  it('[FE-1] serves the bundle inside of its file, and its page', async () => {
    const response = await host.api(`/api/plugins/${ID}/bundle.js`);

    expect(response.status).toBe(200);
    expect(await response.text()).toBe(readFileSync(path.join(EXAMPLE, 'bundle.js'), 'utf8'));
    expect(await (await host.api(`/plugins/${ID}`)).text()).toContain('Hello from the Python SDK');
  });

  it('[PRO-4] answers 404 and 405 itself', async () => {
    expect((await host.api(`/plugins/${ID}/missing`)).status).toBe(404);
    expect((await host.api(`/plugins/${ID}/visits`, { method: 'DELETE' })).status).toBe(405);
  });

  it('[OBS-1] logs with its level and fields', async () => {
    await addVisit(`/plugins/${ID}/visits`);
    const line = await host.waitFor('the log line of a visit', async () => {
      const { items } = await host.json<{ items: { message: string }[] }>(`/api/plugins/${ID}/logs`);
      return items.find(({ message }) => message === 'visited');
    });

    expect(line).toMatchObject({ level: 'info', plugin: ID });
    expect(JSON.stringify(line)).toContain('"visits"');
  });

  it('[PRO-5] [LIF-2] [KV-5] ends when it is disabled, and comes back with its count', async () => {
    const { visits } = await addVisit(`/plugins/${ID}/visits`);

    expect(await host.disable(ID)).toMatchObject({ outcome: 'disabled', plugin: { enabled: false, pid: null } });
    expect(host.livingPluginsOf(ID)).toEqual([]);

    await host.enable(ID);
    expect((await addVisit(`/plugins/${ID}/visits`)).visits).toBe(visits + 1);
  });
});

describe('a plugin of the Python SDK with WebSockets and settings', () => {
  let host: TestHost;

  beforeAll(async () => {
    host = await startHost({ env: PATIENT });
    bundle(path.join(ROOT, 'test/fixtures/sdk_python.py'), path.join(host.directories.plugins, 'sdk-py.binary'));
    await host.json('/api/plugins/rescan', { method: 'POST' });
    await host.enable('sdk-py');
    await host.untilPlugin('sdk-py', 'running');
  });
  afterAll(async () => {
    await (host as TestHost | undefined)?.dispose();
  });

  const open = async (route: string): Promise<LiveSocket> => {
    const headers = { cookie: await host.adminCookie(), origin: host.url };
    return new LiveSocket(host, `/plugins/sdk-py${route}`, headers).opened();
  };
  const state = (): Promise<SocketState> => host.json('/plugins/sdk-py/heard');

  it('[LANG-2] [PRO-6] is offered every feature of version 2', async () => {
    expect((await state()).features).toEqual(['event', 'kv', 'log', 'settings', 'stream', 'upgrade']);
  });

  it('[LANG-2] [RTE-5] [RTE-6] carries messages of a WebSocket both ways, and learns how it ended', async () => {
    const socket = await open('/echo');
    expect((await socket.next()).data.toString()).toBe('Hello admin');
    for (const data of [Buffer.from('žluťoučký'), randomBytes(70_000), randomBytes(900_000), Buffer.alloc(0)]) {
      const binary = data.length > 1000;
      socket.client.send(data, { binary });
      const answer = await socket.next();
      expect(answer.binary).toBe(binary);
      expect(answer.data.equals(data)).toBe(true);
    }
    socket.client.close(3999);
    expect(await socket.closed).toEqual({ code: 3999 });
    await host.waitFor('the close code', async () => (await state()).heard.includes(3999) || undefined);
  });

  it('[LANG-2] [RTE-6] refuses one with a status of its own, and closes what is too big with 1009', async () => {
    await expect(open('/refused')).rejects.toThrow('answered 403');
    await expect(open('/missing')).rejects.toThrow('answered 404');
    const socket = await open('/echo');
    socket.client.send(Buffer.alloc(1024 * 1024 + 1));
    expect(await socket.closed).toEqual({ code: 1009 });
  });

  it('[LANG-2] [MGR-5] has its settings from the start, and hears of changes', async () => {
    expect((await state()).settings).toEqual({ greeting: 'Hello' });
    await host.json('/api/plugins/sdk-py/settings', { method: 'PATCH', json: { values: { greeting: 'Ahoj' } } });
    await host.waitFor('the new settings', async () => (await state()).settings.greeting === 'Ahoj' || undefined);
  });

  it('[LANG-2] [PRO-7] streams a body through a handler', async () => {
    const sent = randomBytes(3 * 1024 * 1024);
    const answer = await host.api('/plugins/sdk-py/reverse', { method: 'POST', body: sent });
    expect(answer.status).toBe(200);
    expect(
      Buffer.from(await answer.arrayBuffer())
        .sort()
        .equals(Buffer.from(sent).sort()),
    ).toBe(true);
  });

  it('[LANG-2] [RTE-6] [LIF-2] tells its clients when it is stopped', async () => {
    const socket = await open('/echo');
    await socket.next();
    await host.disable('sdk-py');
    expect(await socket.closed).toEqual({ code: 1001 });
  });

  it('[LANG-2] [SUP-6] does not outlive a host that was killed', async () => {
    await host.enable('sdk-py');
    await host.untilPlugin('sdk-py', 'running');
    await host.kill();

    await host.waitFor('the plugin to end', () => host.livingPlugins().length === 0);
  });
});
