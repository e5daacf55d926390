import { createDirectories, removeDirectories, type HostDirectories } from '../support/directories';
import { writeFixture } from '../fixtures/write-fixture';
import { startHost, type TestHost } from '../support/host';
import { HostProcess } from '../support/host-process';
import { journalOf } from '../support/journal-of';
import { processesBelow } from '../support/own-processes';
import { servesDuring } from '../support/serves-during';
import { waitFor } from '../support/wait-for';

/** Faults 11: whatever a plugin is busy with, it ends in bounded time. */
describe('a plugin that does not listen', () => {
  let host: TestHost;

  beforeAll(async () => {
    host = await startHost({
      plugins: {
        // its neighbour has all the time that it needs on a busy machine
        chaos: { journal: true, metadata: { http: { first_byte_timeout_ms: 500 } } },
        ...{ deaf: { behaviour: 'ignores-sigterm' }, neighbour: {} },
      },
      env: { TORU_SHUTDOWN_GRACE_MS: '200', TORU_KILL_DELAY_MS: '200' },
    });
    await Promise.all([host.untilPlugin('deaf', 'running'), host.untilPlugin('neighbour', 'running')]);
  });
  afterAll(() => host.dispose());

  it.each(['stop', 'busy-loop', 'hang'])(
    'faults 11: [PRO-4] [PRO-5] [ISO-2] %s is ended when it is disabled',
    async (name) => {
      const { plugin } = await host.enable('chaos');
      await servesDuring(host, 'neighbour', async () => {
        const response = await host.api(`/plugins/chaos/chaos/${name}`);
        expect(response.status).toBe(504);
        expect(await response.json()).toMatchObject({ code: 'plugin_timeout', plugin: 'chaos' });
        expect(await host.disable('chaos')).toMatchObject({ plugin: { status: 'disabled', pid: null } });
      });

      expect(host.livingPlugins()).not.toContain(plugin.pid);
      expect(host.livingPluginsOf('chaos')).toEqual([]);
    },
  );

  it('faults 11: one that ignores SIGTERM, and one that is stopped, do not keep the host', async () => {
    await host.enable('chaos');
    await host.api('/plugins/chaos/chaos/stop');
    await host.stop();

    expect(host.livingPlugins()).toEqual([]);
  });
});

/** Faults 13: SIGTERM comes to the host while it starts something. */
describe('SIGTERM to a host that is starting', () => {
  let directories: HostDirectories;
  let host: HostProcess | undefined;

  beforeEach(() => {
    directories = createDirectories();
  });
  afterEach(async () => {
    host?.signal('SIGKILL');
    await host?.exited;
    removeDirectories(directories);
  });

  it.each([
    ['read', 'metadata', ['metadata-hangs', 'metadata-ignores-sigterm']],
    ['started', 'start', ['no-socket', 'ignores-sigterm', 'starts-slowly']],
  ] as const)('faults 13: [SUP-7] while files are %s leaves no process', async (_what, line, behaviours) => {
    for (const behaviour of behaviours) {
      writeFixture(directories.plugins, { id: behaviour, behaviour, journal: true, ms: 60_000 });
    }
    const { plugins, data, log, run } = directories;
    host = new HostProcess({
      ...{ TORU_PORT: '0', TORU_PLUGINS_DIR: plugins, TORU_DATA_DIR: data, TORU_LOG_DIR: log, TORU_RUN_DIR: run },
      ...{ TORU_ENABLE_NEW_PLUGINS: 'true', TORU_SHUTDOWN_GRACE_MS: '200', TORU_KILL_DELAY_MS: '200' },
      // none is started a second time, however busy the machine is
      TORU_READY_TIMEOUT_MS: '600000',
      TORU_METADATA_TIMEOUT_MS: '600000',
    });
    const begun = (id: string): boolean =>
      journalOf({ directories }, id).some((each) => each.split(' ', 1)[0] === line);
    // what told of itself is gone a moment after it
    const allRun = (): boolean =>
      behaviours.every(begun) && processesBelow(`${data}/binaries`).length === behaviours.length;
    await waitFor(`the line ${line} in each journal, and the process of each`, allRun, {
      context: () => host?.tail() ?? '',
    });

    host.signal('SIGTERM');
    const exit = await host.exited;

    expect(exit).toEqual({ code: 0, signal: null });
    await waitFor('every process to end', () => processesBelow(`${data}/binaries`).length === 0);
  });
});
