import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import path from 'node:path';
import { fixtureSource } from '../fixtures/write-fixture';
import { installPlugin, startHost, type TestHost } from '../support/host';
import { untilRead } from '../support/until-read';

/** Faults 2: what was checked is what runs, or nothing does. */
describe('a file that is exchanged', () => {
  let host: TestHost;

  beforeAll(async () => {
    host = await startHost({
      plugins: { checked: { enabled: false }, running: {}, racing: { enabled: false } },
      env: {
        TORU_BACKOFF_BASE_MS: '50',
        TORU_MAX_CRASHES: '1000',
        TORU_CRASH_WINDOW_LIMIT: '0',
        TORU_SHUTDOWN_GRACE_MS: '300',
      },
    });
    await host.untilPlugin('running', 'running');
    await untilRead(host);
  });
  afterAll(() => host.dispose());

  const fileOf = (id: string): string => path.join(host.directories.plugins, `${id}.binary`);
  const runningVersion = async (id: string): Promise<string> =>
    (await host.json<{ version: string }>(`/plugins/${id}/pid`)).version;
  const rescan = (): Promise<unknown> => host.json('/api/plugins/rescan', { method: 'POST' });

  /** The same inode, as `cp` onto a file does it. */
  function overwrite(id: string, version: string): void {
    const descriptor = openSync(fileOf(id), 'w');
    writeSync(descriptor, fixtureSource(host.directories.plugins, { id, metadata: { version } }));
    closeSync(descriptor);
  }

  it('faults 2: by another one, after the check: the one that was checked runs', async () => {
    installPlugin(host, { id: 'checked', metadata: { version: '6.6.6' } });
    await host.enable('checked');

    expect(await host.plugin('checked')).toMatchObject({ version: '1.0.0', status: 'running' });
    expect(await runningVersion('checked')).toBe('1.0.0');
  });

  it('faults 2: in place, while it runs: the process goes on, and a restart runs what was checked', async () => {
    overwrite('running', '6.6.6');
    expect(await runningVersion('running')).toBe('1.0.0');
    const { pid } = await host.plugin('running');
    await host.api('/plugins/running/chaos/crash');
    await host.waitFor('its restart', async () => {
      const now = await host.plugin('running');
      return now.status === 'running' && now.pid !== pid;
    });

    expect(await runningVersion('running')).toBe('1.0.0');
    expect(readFileSync(fileOf('running'), 'utf8')).toContain('6.6.6');
  });

  it('faults 2: a rescan takes the new file up, and then that one runs', async () => {
    await rescan();
    await host.waitFor('the new version', async () => (await runningVersion('running')) === '6.6.6');

    expect(await host.plugin('running')).toMatchObject({ version: '6.6.6', status: 'running' });
  });

  it('faults 2: while it is looked through and started: what runs is what the catalogue says', async () => {
    for (let round = 0; round < 6; round++) {
      const scanned = rescan();
      if (round % 2 === 0) overwrite('racing', `1.0.${round}`);
      else installPlugin(host, { id: 'racing', metadata: { version: `1.0.${round}` } });
      await Promise.all([scanned, host.api('/api/plugins/racing/enable', { method: 'POST' })]);
      await host.waitFor('one version in the catalogue and in the process', async () => {
        const { status, version } = await host.plugin('racing');
        return status === 'invalid' || (status === 'running' && (await runningVersion('racing')) === version);
      });
    }
    await rescan();
    await host.waitFor('the last version', async () => (await runningVersion('racing')) === '1.0.5');

    await host.stop();
    expect(host.livingPlugins()).toEqual([]);
  });
});
