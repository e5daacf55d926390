import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startHost, type TestHost } from '../support/host';

const ROOT = path.resolve(import.meta.dirname, '../..');
const EXAMPLE = path.join(ROOT, 'examples/hello-python-sdk');
const ID = 'hello-python-sdk';

interface Visits {
  readonly visits: number;
  readonly instance_id: string;
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
  const options = [path.join(source, 'entry.py'), '-o', output, '--include', 'bundle.js'];
  execFileSync('python3', ['-m', 'toru_plugin.bundle', ...options], {
    env: {
      PATH: process.env['PATH'],
      PYTHONPATH: path.join(ROOT, 'libs/sdk/python/src'),
      PYTHONDONTWRITEBYTECODE: '1',
    },
    stdio: 'pipe',
  });
  return output;
}

describe.each([1, 2])('[PRO-6] a plugin of the Python SDK, version %i', (protocol) => {
  let host: TestHost;
  let directory: string;

  beforeAll(async () => {
    directory = mkdtempSync(path.join(tmpdir(), 'sdk-py-'));
    const built = buildExample(directory, protocol);
    host = await startHost();
    const target = path.join(host.directories.plugins, `${ID}.binary`);
    copyFileSync(built, target);
    chmodSync(target, 0o755);
    await host.json('/api/plugins/rescan', { method: 'POST' });
    await host.enable(ID);
    await host.untilPlugin(ID, 'running');
  });
  afterAll(async () => {
    await host.dispose();
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
