import { execFileSync } from 'node:child_process';
import { chmodSync, closeSync, openSync, readFileSync, renameSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { List, PluginEvent, PluginVersion, Page } from '@toru/contracts';
import { startHost, type TestHost } from '../support/host';
import { waitFor } from '../support/wait-for';

const ROOT = path.resolve(import.meta.dirname, '../..');
/** Long beside the pauses of a slow copy, and shorter than the whole of it. */
const SETTLE_MS = 500;
const COPY_PAUSE_MS = 25;

describe('plugins directory while the host runs', () => {
  let host: TestHost;
  let built: string;

  beforeAll(async () => {
    host = await startHost({
      env: {
        TORU_WATCH_PLUGINS: 'true',
        TORU_SETTLE_MS: String(SETTLE_MS),
        TORU_HEALTHY_AFTER_MS: '60000',
        TORU_BACKOFF_BASE_MS: '20',
        TORU_BACKOFF_MAX_MS: '20',
      },
    });
    const file = path.join(host.directories.data, 'built.binary');
    execFileSync(process.execPath, ['scripts/build-plugin.mjs', 'test/fixtures/sdk-versioned.ts', '-o', file], {
      cwd: ROOT,
    });
    built = readFileSync(file, 'utf8');
  });
  afterAll(async () => {
    await (host as TestHost | undefined)?.dispose();
  });

  const at = (name = 'versioned'): string => path.join(host.directories.plugins, `${name}.binary`);
  const source = (version: string): string => built.replaceAll('0.0.0-version', version);

  /** At once, as a package manager does. */
  const put = (name: string, text: string): void => {
    const temporary = path.join(host.directories.plugins, '.new');
    writeFileSync(temporary, text);
    chmodSync(temporary, 0o755);
    renameSync(temporary, at(name));
  };
  const install = (version: string): void => put('versioned', source(version));
  const status = async (id: string): Promise<number> => (await host.api(`/api/plugins/${id}`)).status;
  const supervisorLog = (): string =>
    readFileSync(path.join(host.directories.log, 'plugin-supervisor.log'), { encoding: 'utf8', flag: 'a+' });
  const serves = async (): Promise<string> => (await host.api('/plugins/versioned')).text();
  const untilServes = (version: string): Promise<unknown> =>
    waitFor(`version ${version} serves`, async () => (await serves()) === version);
  const versions = async (): Promise<readonly PluginVersion[]> =>
    (await host.json<List<PluginVersion>>('/api/plugins/versioned/versions')).items;
  const untilEvent = (type: string, version: string): Promise<unknown> =>
    waitFor(`event ${type} of ${version}`, async () => {
      const { items } = await host.json<Page<PluginEvent>>(`/api/plugins/versioned/events?event_type=${type}`);
      return items.some(({ details }) => JSON.stringify(details).includes(version));
    });
  const rollback = (json: object = {}): Promise<Response> =>
    host.api('/api/plugins/versioned/rollback', { method: 'POST', json });

  it('[SUP-9] [OBS-3] takes up a new file by itself, and lets go of one that is removed', async () => {
    put('other', source('1.0.0').replaceAll('versioned', 'other'));
    await waitFor('the new plugin is there', async () => (await status('other')) === 200);
    rmSync(at('other'));
    await waitFor('it is gone', async () => (await status('other')) === 404);
    await waitFor('both to be told of', async () => {
      const { items } = await host.json<Page<PluginEvent>>('/api/events?plugin_id=other');
      return items.map(({ event_type }) => event_type).join() === 'removed,installed';
    });
  });

  it('[SUP-8] [SUP-9] never runs half of a file that is copied slowly', async () => {
    const text = source('1.0.0');
    const step = Math.ceil(text.length / 24);
    /** Resolves with the longest time, in milliseconds, in which nothing was written to the file. */
    const copy = async (): Promise<number> => {
      let longest = 0;
      let last = performance.now();
      const handle = openSync(at(), 'w', 0o755);
      for (let from = 0; from < text.length; from += step) {
        if (from > 0) await delay(COPY_PAUSE_MS);
        writeSync(handle, text.slice(from, from + step));
        longest = Math.max(longest, performance.now() - last);
        last = performance.now();
      }
      closeSync(handle);
      return longest;
    };
    let before = supervisorLog().length;
    // whoever copies on a busy machine may pause for so long that his file counts as whole: that was no slow copy
    while ((await copy()) >= SETTLE_MS / 2) {
      rmSync(at());
      await waitFor('what was copied is gone', async () => (await status('versioned')) === 404);
      before = supervisorLog().length;
    }
    await waitFor('the plugin is there', async () => (await status('versioned')) === 200);

    expect(await host.plugin('versioned')).toMatchObject({ version: '1.0.0', status: 'disabled' });
    expect(supervisorLog().slice(before)).not.toContain('"invalid"');
    await host.enable('versioned');
    expect(await serves()).toBe('1.0.0');
  });

  it('[SUP-8] a new version takes over under load, and not one request fails', async () => {
    const seen: string[][] = [[], [], [], [], []];
    const wrong: string[] = [];
    let going = true;
    const clients = seen.map(async (mine, index) => {
      while (going) {
        const response = await host.api(index % 2 === 0 ? '/plugins/versioned/slow' : '/plugins/versioned');
        const text = await response.text();
        if (response.status === 200) mine.push(text);
        else wrong.push(text);
      }
    });
    await waitFor('all clients have been served', () => seen.every((mine) => mine.length > 2));
    for (const version of ['1.1.0', '1.2.0']) {
      install(version);
      await waitFor(`all have seen ${version}`, () => seen.every((mine) => mine.at(-1) === version));
    }
    going = false;
    await Promise.all(clients);

    expect(wrong).toEqual([]);
    for (const mine of seen) expect([...new Set(mine)]).toEqual(['1.0.0', '1.1.0', '1.2.0']);
  });

  it('[SUP-8] a version that does not become ready leaves the old one serving', async () => {
    install('2.0.0-broken');
    await untilEvent('update_failed', '2.0.0-broken');

    expect(await serves()).toBe('1.2.0');
    expect(await host.plugin('versioned')).toMatchObject({
      ...{ status: 'running', running_version: '1.2.0', version: '2.0.0-broken', restarts: 0 },
    });
  });

  it('[SUP-8] goes back by itself when the new version crashes soon, and stays there when the host restarts', async () => {
    install('3.0.0');
    await untilServes('3.0.0');
    await host.api('/plugins/versioned/crash', { method: 'POST' });
    await untilEvent('rolled_back', '3.0.0');
    await untilServes('1.2.0');
    await host.stop();
    await host.start();
    await host.untilPlugin('versioned', 'running');

    expect(await serves()).toBe('1.2.0');
  });

  it('[SUP-8] goes back to any version that is kept when somebody says so', async () => {
    install('4.0.0');
    await untilServes('4.0.0');
    const answer = await rollback();
    expect(await answer.json()).toMatchObject({ outcome: 'rolled_back', plugin: { running_version: '1.2.0' } });
    expect(await serves()).toBe('1.2.0');
    expect((await versions()).map(({ version, is_file, is_current }) => [version, is_file, is_current])).toEqual([
      ['1.2.0', false, true],
      ['4.0.0', true, false],
      ['1.1.0', false, false],
      ['1.0.0', false, false],
    ]);

    const oldest = (await versions()).at(-1)?.digest ?? '';
    await rollback({ digest: oldest.slice(0, 8) });
    expect(await serves()).toBe('1.0.0');
    expect(await (await rollback({ digest: oldest })).json()).toMatchObject({ status: 409, code: 'conflict' });
    expect(await (await rollback({ digest: '0'.repeat(64) })).json()).toMatchObject({ status: 409, code: 'conflict' });
    expect(await (await rollback({ digest: '../x' })).json()).toMatchObject({ status: 400, code: 'validation_failed' });
    install('5.0.0');
    await untilServes('5.0.0');
  });
});
