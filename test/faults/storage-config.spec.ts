import { mkdirSync, readdirSync, readFileSync, rmSync, rmdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { PluginSummary } from '@toru/contracts';
import { writeTinyPlugin } from '../fixtures/tiny-plugin';
import { startHost, type TestHost } from '../support/host';

const IDS = ['alpha', 'beta', 'gamma'] as const;
const CUT_OFF = '{"plugins": {"alpha": true, "be';
const fileIn = (plugins: string): string => path.join(plugins, '.metadata/config.json');

/** One host from start to start; what else may stand in the file is tried where it is read (file-enabled-state.spec.ts). */
describe('config.json', () => {
  let host: TestHost;
  let directory: string;
  let file: string;

  beforeAll(async () => {
    host = await startHost({
      // even where new plugins start by themselves: what cannot be read enables nobody
      env: { TORU_ENABLE_NEW_PLUGINS: 'true' },
      prepare: ({ plugins }) => {
        for (const id of IDS) writeTinyPlugin(plugins, { id });
        writeFileSync(fileIn(plugins), CUT_OFF);
      },
    });
    file = fileIn(host.directories.plugins);
    directory = path.dirname(file);
    await untilRead();
  });
  afterAll(() => host.dispose());

  const list = async (): Promise<readonly PluginSummary[]> =>
    (await host.json<{ items: PluginSummary[] }>('/api/plugins')).items;
  /** One that is slow to tell what it is comes later than the others. */
  const untilRead = (): Promise<unknown> =>
    host.waitFor('the plugins to be read', async () => (await list()).length === IDS.length);
  const enabled = async (): Promise<readonly string[]> =>
    (await list()).filter((item) => item.enabled).map(({ id }) => id);
  const written = (): Record<string, unknown> => JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
  const keptAside = (): readonly string[] =>
    readdirSync(directory)
      .filter((name) => name.startsWith('config.json.corrupt-'))
      .map((name) => readFileSync(path.join(directory, name), 'latin1'));
  /** Makes these the enabled ones of the host that runs, and leaves nothing but the file. */
  const enableOnly = async (...ids: readonly string[]): Promise<void> => {
    await Promise.all(IDS.map((id) => host.enable(id)));
    await Promise.all(IDS.filter((id) => !ids.includes(id)).map((id) => host.disable(id)));
    for (const name of readdirSync(directory))
      if (name !== path.basename(file)) rmSync(path.join(directory, name), { force: true });
    expect(written()).toEqual({ plugins: Object.fromEntries(IDS.map((id) => [id, ids.includes(id)])) });
  };

  it('[LIF-3] faults 31: cut off at the start: nothing is enabled, and it is kept', async () => {
    expect(await enabled()).toEqual([]);
    expect(readFileSync(file, 'latin1')).toBe(CUT_OFF);
    expect(host.livingPlugins()).toEqual([]);

    await host.enable('beta');
    expect(keptAside()).toEqual([CUT_OFF]);
    expect(written()).toEqual({ plugins: { beta: true } });
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

  it('[LIF-3] faults 31: a directory in its place at the start: nothing is enabled or changed until it is gone', async () => {
    await host.stop();
    for (const name of readdirSync(directory)) rmSync(path.join(directory, name), { recursive: true });
    mkdirSync(path.join(file, 'kept'), { recursive: true });
    await host.start();
    await untilRead();

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

  it('[LIF-3] faults 31: an edit by hand while the host runs survives the next change, unknown keys too', async () => {
    await enableOnly('gamma');
    const plugins = '{"alpha": true, "gone": true, "gamma": 1, "beta": false, "__proto__": true}';
    writeFileSync(file, `{"note": {"by": "hand"}, "plugins": ${plugins}}`);
    await host.enable('beta');

    expect(written()).toEqual({
      note: { by: 'hand' },
      plugins: JSON.parse(plugins.replace('"beta": false', '"beta": true')) as unknown,
    });
    expect(await enabled()).toEqual(expect.arrayContaining(['alpha', 'beta']));
  });

  it('[LIF-3] faults 31: at the next start entries that are neither true nor false enable nobody, the others count', async () => {
    await host.restart();
    await untilRead();

    expect(await enabled()).toEqual(['alpha', 'beta']);
  });
});
