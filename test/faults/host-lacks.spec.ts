import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { writeFixture } from '../fixtures/write-fixture';
import { canMount } from '../support/can-mount';
import { startHost, type TestHost } from '../support/host';
import { spawnerOf } from '../support/own-processes';
import { servesDuring } from '../support/serves-during';
import { eventsOf, supervisorLines } from '../support/supervisor-log';
import { waitFor } from '../support/wait-for';
import { untilRead } from '../support/until-read';

const LOG_DISK_BYTES = 2 * 1024 ** 2;
const DATA_DISK_BYTES = 8 * 1024 ** 2;
/** The controller of processes by cgroup version 1, which needs nobody to hand anything over. */
const PIDS = '/sys/fs/cgroup/pids';

/**
 * Faults 15: a full log disk, a full data disk, a read-only plugins directory and a limit of processes, each for a while. Of
 * a host that runs as root the kernel limits neither permissions nor processes by rlimit: they are made with mounts and a
 * cgroup.
 */
(process.getuid?.() === 0 && canMount() ? describe : describe.skip)(
  'a host that lacks something of its own (skipped where nothing can be mounted)',
  () => {
    let host: TestHost;
    const group = `${PIDS}/toru-test-${process.pid}`;

    beforeAll(async () => {
      host = await startHost({
        plugins: { neighbour: {}, other: { enabled: false } },
        env: { TORU_BACKOFF_BASE_MS: '50', TORU_BACKOFF_MAX_MS: '100', TORU_MAX_CRASHES: '2' },
        prepare: ({ data, log }) => {
          mountDisk(data, DATA_DISK_BYTES);
          mountDisk(log, LOG_DISK_BYTES);
        },
      });
      await host.untilPlugin('neighbour', 'running');
      await untilRead(host);
    });
    afterAll(async () => {
      await host.stop();
      unmount(host.directories.log, host.directories.data);
      await host.dispose();
      // one that a case has left behind; the spawner ends a moment after its host
      await waitFor('its cgroup to go', () => {
        if (existsSync(group)) rmdirSync(group);
        return true;
      });
    });
    afterEach(() => {
      expect(host.printed()).not.toMatch(/uncaughtException|unhandledRejection/);
    });

    it('faults 15: [OBS-2] with a full log disk it serves and says so once, and writes on when there is room', async () => {
      const filling = path.join(host.directories.log, 'filling');
      const { pid } = host;
      expect(() => writeFileSync(filling, Buffer.alloc(LOG_DISK_BYTES))).toThrow('ENOSPC');
      await servesDuring(host, 'neighbour', async () => {
        await host.enable('other');
        await host.disable('other');
        await host.waitFor('the host to say so', () => /ENOSPC/.test(host.printed()));
      });
      rmSync(filling);

      // lines that had to wait are written, none of them twice
      await host.waitFor('the lines', () => linesOf('disable').length > 0);
      expect(linesOf('spawn')).toHaveLength(1);
      expect(linesOf('disable')).toHaveLength(1);
      expect(host.pid).toBe(pid);
    });

    const linesOf = (action: string): readonly unknown[] =>
      supervisorLines(host, 'other').filter((line) => line.action === action);

    it('faults 15: [ISO-2] with a full data disk what would be stored is refused with 503, plugins serve, and with room it is stored', async () => {
      const kv = (json: object): Promise<Response> =>
        host.api('/api/plugins/neighbour/kv', { method: 'POST', json: { ...json, key: 'k' } });
      const set = (value: string): Promise<Response> => kv({ action: 'set', value });
      const filling = path.join(host.directories.data, 'filling');
      const { pid } = host;
      expect((await set('before')).status).toBe(200);
      expect(() => writeFileSync(filling, Buffer.alloc(DATA_DISK_BYTES))).toThrow('ENOSPC');

      await servesDuring(host, 'neighbour', async () => {
        const refused = await set('x'.repeat(500_000));
        expect(refused.status).toBe(503);
        expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
        expect(await refused.json()).toMatchObject({ code: 'storage_unavailable' });
        expect((await host.api('/health/live', { as: 'nobody' })).status).toBe(200);
      });
      rmSync(filling);

      await host.waitFor('writes to work again', async () => (await set('after')).ok);
      expect(await (await kv({ action: 'get' })).json()).toEqual({ value: 'after' });
      expect(host.pid).toBe(pid);
    });

    it('faults 15: [LIF-3] with a read-only plugins directory nothing is enabled, with the reason, until it is writable', async () => {
      const directory = path.join(host.directories.plugins, '.metadata');
      const config = path.join(directory, 'config.json');
      const before = readFileSync(config, 'utf8');
      execFileSync('mount', ['--bind', directory, directory]);
      execFileSync('mount', ['-o', 'remount,bind,ro', directory]);
      try {
        await servesDuring(host, 'neighbour', async () => {
          const refused = await host.api('/api/plugins/other/enable', { method: 'POST' });
          expect(refused.status).toBe(503);
          expect(await refused.json()).toMatchObject({
            code: 'enabled_state_unusable',
            detail: expect.stringMatching(/read-only|EROFS/) as string,
          });
          expect((await host.api('/api/plugins/rescan', { method: 'POST' })).status).toBe(200);
        });
      } finally {
        unmount(directory);
      }
      expect(readFileSync(config, 'utf8')).toBe(before);
      expect(await host.plugin('other')).toMatchObject({ status: 'disabled', enabled: false });

      await host.enable('other');
      await host.disable('other');
    });

    (existsSync(PIDS) ? it : it.skip)(
      'faults 15: [SUP-4] at the limit of processes a start is put off and no crash, and is made when there are some again',
      async () => {
        const spawner = spawnerOf(host.pid)!;
        const used = (): number => Number(readFileSync(`${group}/pids.current`, 'latin1'));
        mkdirSync(group);
        writeFileSync(`${group}/cgroup.procs`, String(spawner));
        writeFileSync(`${group}/pids.max`, String(used()));
        await servesDuring(host, 'neighbour', async () => {
          const refused = await host.api('/api/plugins/other/enable', { method: 'POST' });
          expect(refused.status).toBe(502);
          expect(await refused.json()).toMatchObject({ detail: expect.stringContaining('EAGAIN') as string });
          // more often than crashes would be counted
          await host.waitFor('some attempts', () => linesOf('postponed').length > 4);
          expect(await host.untilPlugin('other', 'backoff')).toMatchObject({ enabled: true });
        });

        writeFileSync(`${group}/pids.max`, 'max');
        await host.untilPlugin('other', 'running');
        const types = (await eventsOf(host, 'other')).map(({ event_type }) => event_type);
        expect(types.slice(-3)).toEqual(['enabled', 'start_postponed', 'started']);
        await host.disable('other');

        // one that can be started, and can start no thread of its own, is no fault of its file either
        // those that have ended are counted a moment longer
        const threads = (): number => readdirSync(`/proc/${spawner}/task`).length;
        await host.waitFor('the spawner to be alone', () => used() === threads());
        writeFileSync(`${group}/pids.max`, String(threads() + 1));
        writeFixture(host.directories.plugins, { id: 'newcomer' });
        expect((await host.api('/api/plugins/rescan', { method: 'POST' })).status).toBe(200);
        expect((await host.api('/api/plugins/newcomer')).status).toBe(404);
        writeFileSync(`${group}/pids.max`, 'max');
        await host.waitFor('the new file', async () => (await host.api('/api/plugins/newcomer')).ok);
        writeFileSync(`${PIDS}/cgroup.procs`, String(spawner));
        await host.waitFor('nobody to be left there', () => {
          rmdirSync(group);
          return !existsSync(group);
        });
      },
    );
  },
);

/** Also while somebody still has a file open there. */
function unmount(...directories: readonly string[]): void {
  execFileSync('umount', ['--lazy', ...directories]);
}

/** Of memory, over a directory. */
function mountDisk(directory: string, bytes: number): void {
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs', directory]);
}
