import { mkdirSync, readdirSync, readFileSync, rmSync, rmdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { PluginSummary } from '@toru/contracts';
import { startHost, type TestHost } from '../support/host';

const IDS = ['alpha', 'beta', 'gamma'] as const;

const CORRUPT: readonly (readonly [string, string])[] = [
  ['cut off', '{"plugins": {"alpha": true, "be'],
  ['a list', '[{"alpha": true}]'],
  ['full of NUL, as after a crash of the machine', '\0'.repeat(64)],
];

describe('config.json', () => {
  let host: TestHost;
  let directory: string;
  let file: string;

  beforeAll(async () => {
    // even where new plugins start by themselves: what cannot be read enables nobody
    host = await startHost({
      plugins: Object.fromEntries(IDS.map((id) => [id, {}])),
      env: { TORU_ENABLE_NEW_PLUGINS: 'true' },
    });
    directory = path.join(host.directories.plugins, '.metadata');
    file = path.join(directory, 'config.json');
  });
  afterAll(() => host.dispose());

  const enabled = async (): Promise<readonly string[]> => {
    const { items } = await host.json<{ items: PluginSummary[] }>('/api/plugins');
    expect(items).toHaveLength(IDS.length);
    return items.filter((item) => item.enabled).map(({ id }) => id);
  };
  const written = (): Record<string, unknown> => JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
  const keptAside = (): readonly string[] =>
    readdirSync(directory)
      .filter((name) => name.startsWith('config.json.corrupt-'))
      .map((name) => readFileSync(path.join(directory, name), 'latin1'));
  const restartWith = async (content: string): Promise<void> => {
    await restart(() => writeFileSync(file, content, 'latin1'));
  };
  /** Starts it again on what `put` puts into the place of the file. */
  const restart = async (put: () => void): Promise<void> => {
    await host.stop();
    for (const name of readdirSync(directory)) rmSync(path.join(directory, name), { recursive: true });
    put();
    await host.start();
    await host.waitFor('the plugins to be read', async () => (await host.api('/health/ready', { as: 'nobody' })).ok);
  };
  /** Makes these the enabled ones of the host that runs, and leaves nothing but the file. */
  const enableOnly = async (...ids: readonly string[]): Promise<void> => {
    await Promise.all(IDS.map((id) => host.enable(id)));
    await Promise.all(IDS.filter((id) => !ids.includes(id)).map((id) => host.disable(id)));
    for (const name of readdirSync(directory)) if (name !== path.basename(file)) rmSync(path.join(directory, name));
    expect(written()).toEqual({ plugins: Object.fromEntries(IDS.map((id) => [id, ids.includes(id)])) });
  };

  it.each(CORRUPT)('[LIF-3] faults 31: %s at the start: nothing is enabled, and it is kept', async (_, content) => {
    await restartWith(content);

    expect(await enabled()).toEqual([]);
    expect(readFileSync(file, 'latin1')).toBe(content);
    expect(host.livingPlugins()).toEqual([]);

    await host.enable('beta');
    expect(keptAside()).toEqual([content]);
    expect(written()).toEqual({ plugins: { beta: true } });
  });

  it('[LIF-3] faults 31: a directory in its place at the start: nothing is enabled or changed until it is gone', async () => {
    await restart(() => mkdirSync(path.join(file, 'kept'), { recursive: true }));

    expect(await enabled()).toEqual([]);
    const response = await host.api('/api/plugins/alpha/enable', { method: 'POST' });
    expect([response.status, await response.json()]).toEqual([
      ...[503, expect.objectContaining({ code: 'enabled_state_unusable' })],
    ]);
    expect(readdirSync(file)).toEqual(['kept']);

    rmdirSync(path.join(file, 'kept'));
    rmdirSync(file);
    await host.enable('alpha');
    expect(written()).toEqual({ plugins: { alpha: true } });
  });

  it('[LIF-3] faults 31: damaged while the host runs: no acknowledged change is lost', async () => {
    await enableOnly('alpha');
    const damaged = '{"plugins": {"alpha": tr';
    writeFileSync(file, damaged);
    await host.enable('gamma');

    expect(keptAside()).toEqual([damaged]);
    expect(written()).toEqual({ plugins: { alpha: true, beta: false, gamma: true } });
  });

  it('[LIF-3] [LIF-5] faults 31: changes of many plugins at once: none is lost', async () => {
    await enableOnly();
    await Promise.all(IDS.map((id) => host.enable(id)));
    expect(written()).toEqual({ plugins: { alpha: true, beta: true, gamma: true } });

    await Promise.all(IDS.map((id) => host.disable(id)));
    expect(written()).toEqual({ plugins: { alpha: false, beta: false, gamma: false } });
    expect(readdirSync(directory).filter((name) => name.includes('config.json'))).toEqual(['config.json']);
  });

  it('[LIF-3] faults 31: entries that are neither true nor false enable nobody, the others count', async () => {
    await restartWith('{"plugins": {"alpha": "true", "beta": true, "gamma": 1, "__proto__": true}}');

    expect(await enabled()).toEqual(['beta']);
  });

  it('[LIF-3] faults 31: an edit by hand while the host runs survives the next change, unknown keys too', async () => {
    await restartWith('{"plugins": {"alpha": true, "beta": false, "gamma": false}}');
    writeFileSync(
      file,
      '{"note": {"by": "hand"}, "plugins": {"alpha": true, "gone": true, "gamma": true, "beta": false}}',
    );
    await host.enable('beta');

    expect(written()).toEqual({
      note: { by: 'hand' },
      plugins: { alpha: true, gone: true, gamma: true, beta: true },
    });
    expect(await enabled()).toEqual(expect.arrayContaining(['alpha', 'beta']));
    await host.restart();
    await host.waitFor('the plugins to be read', async () => (await enabled()).length === 3);
  });
});
