import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { startHost, type TestHost } from '../support/host';
import { HostProcess } from '../support/host-process';
import { eventsOf } from '../support/supervisor-log';

const lives = (pid: number): boolean => existsSync(`/proc/${pid}/exe`);

/** Faults 11 and 14: nobody is left over, and nobody else is touched. */
describe('processes that outlive who started them', () => {
  let host: TestHost;

  beforeAll(async () => {
    host = await startHost({
      plugins: { tribe: { behaviour: 'grandchild-in-own-session' }, deaf: { behaviour: 'ignores-sigterm' } },
      env: { TORU_SHUTDOWN_GRACE_MS: '200', TORU_KILL_DELAY_MS: '200' },
    });
    await Promise.all([host.untilPlugin('tribe', 'running'), host.untilPlugin('deaf', 'running')]);
  });
  afterAll(() => host.dispose());

  it('[SUP-6] faults 14: the next start ends what a killed host has left, in whatever session, and nobody else', async () => {
    const bystander = spawn('sleep', ['600'], { detached: true, stdio: 'ignore' });
    await once(bystander, 'spawn');
    try {
      const records = path.join(host.directories.data, 'processes');
      const before = host.livingPlugins();
      expect(before).toHaveLength(3);
      await host.kill();
      expect(before.filter(lives)).toEqual(before);
      pointAt(bystander.pid!, records);

      await host.start();
      await Promise.all([host.untilPlugin('tribe', 'running'), host.untilPlugin('deaf', 'running')]);

      expect(before.filter(lives)).toEqual([]);
      expect(host.livingPlugins()).toHaveLength(3);
      expect(lives(bystander.pid!)).toBe(true);
      // whatever told of itself at the start is struck off when it has ended
      await host.waitFor('a record of each', () => readdirSync(records).length === 2);
      const sockets = readdirSync(host.directories.run).filter((name) => /^(tribe|deaf)-.*\.sock$/.test(name));
      expect(sockets).toHaveLength(2);
      for (const id of ['tribe', 'deaf']) {
        const ended = (await eventsOf(host, id)).filter((event) => event.event_type === 'orphan_ended');
        expect(ended).toHaveLength(1);
        expect(String(ended[0]!.details['pids'])).toMatch(id === 'tribe' ? /^\d+ \d+$/ : /^\d+$/);
      }
    } finally {
      bystander.kill('SIGKILL');
    }
  });

  it('faults 11: [LIF-2] a grandchild in a session of its own does not survive that its plugin is disabled', async () => {
    expect(host.livingPluginsOf('tribe')).toHaveLength(2);
    await host.disable('tribe');
    expect(host.livingPluginsOf('tribe')).toEqual([]);
  });

  /** On one of them; that one of either kind is enough is tried where they are taken (host-lock.spec.ts). */
  it('faults 14: a second host on the same directories is refused, and says who is there', async () => {
    const { plugins, log } = host.directories;
    const other = mkdtempSync('/tmp/toru-e2e-');
    try {
      const second = new HostProcess({
        ...{ TORU_PORT: '0', TORU_LOG_DIR: log, TORU_RUN_DIR: path.join(other, 'run') },
        ...{ TORU_PLUGINS_DIR: plugins, TORU_DATA_DIR: path.join(other, 'data') },
      });
      expect(await second.exited).toEqual({ code: 75, signal: null });
      expect(second.printed()).toContain(`process ${host.pid} `);
      expect(second.printed()).toContain('TORU_PLUGINS_DIR');
      expect(await host.plugin('deaf')).toMatchObject({ status: 'running' });
    } finally {
      rmSync(other, { recursive: true, force: true });
    }
  });
});

/** A record of a process that has gone, whose pid somebody else has by now. */
function pointAt(pid: number, records: string): void {
  const [name] = readdirSync(records);
  const [line] = readFileSync(path.join(records, name!), 'utf8').split('\n');
  const record = JSON.parse(line!) as object;
  const marker = 'f0'.repeat(16);
  writeFileSync(path.join(records, `${marker}.json`), JSON.stringify({ ...record, marker, pid }));
}
