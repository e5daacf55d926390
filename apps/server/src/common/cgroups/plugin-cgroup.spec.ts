import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ProcessLedger, type TrackedProcess } from '../process-ledger';
import { ProcessTable } from '../process-table';
import type { TreeUsage } from '../process-trees';
import { realCgroup } from '../testing/real-cgroup';
import { CONTROLLERS } from './cgroup-files';
import { PluginCgroup } from './plugin-cgroup';
import { PluginCgroups } from './plugin-cgroups';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'toru-pcg-'));
});
afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

/** The files that the kernel would make. What it does when a bound is met is not seen here. */
describe('PluginCgroup, by its files', () => {
  const text = (file: string): string => readFileSync(join(root, file), 'utf8');
  const LIMITS = { memory_bytes: 1024 ** 2, cpu_percent: 250, processes: 3, open_files: 9 };

  it('writes the bounds whose controllers are there', () => {
    const { held } = new PluginCgroup(root, new Set(CONTROLLERS), LIMITS);
    expect([...held]).toEqual(['memory', 'cpu', 'pids']);
    expect([text('memory.max'), text('memory.swap.max'), text('memory.oom.group')]).toEqual(['1048576', '0', '1']);
    expect([text('cpu.max'), text('pids.max')]).toEqual(['250000 100000', '768']);
  });

  it.each([
    ['without controllers', new Set<never>(), LIMITS],
    ['without limits', new Set(CONTROLLERS), {}],
  ])('bounds nothing %s', (_, controllers, limits) => {
    expect([...new PluginCgroup(root, controllers, limits).held]).toEqual([]);
    expect(readdirSync(root)).toEqual([]);
  });

  it('asks for no less of the processor than the kernel takes', () => {
    expect([...new PluginCgroup(root, new Set(['cpu']), { cpu_percent: 0.1 }).held]).toEqual(['cpu']);
    expect(text('cpu.max')).toBe('1000 100000');
  });

  it('tells what the kernel has counted, and by which bound', () => {
    writeFileSync(join(root, 'memory.events'), 'low 0\nhigh 0\nmax 7\noom 2\noom_kill 3\noom_group_kill 1\n');
    const events = { overBound: 2, killed: 3 };
    const all = new Set(CONTROLLERS);
    expect(new PluginCgroup(root, all, LIMITS).memoryEvents()).toEqual({ ...events, boundBytes: 1024 ** 2 });
    expect(new PluginCgroup(root, all, {}).memoryEvents()).toEqual({ ...events, boundBytes: undefined });
    expect(new PluginCgroup(root, new Set(), LIMITS).memoryEvents()).toBeUndefined();
  });

  it('measures what is in it: without pages that can be dropped, and with the time of those that have ended', () => {
    const cgroup = new PluginCgroup(root, new Set(), {});
    expect(cgroup.measure(new ProcessTable())).toBeUndefined();
    writeFileSync(join(root, 'cgroup.procs'), `${process.pid}\n`);
    const resident = cgroup.measure(new ProcessTable())!;
    expect(resident.memoryBytes).toBeGreaterThan(1024 ** 2);
    writeFileSync(join(root, 'memory.current'), '5000\n');
    writeFileSync(join(root, 'memory.stat'), 'anon 1000\ninactive_file 2000\n');
    writeFileSync(join(root, 'cpu.stat'), 'usage_usec 2500000\nuser_usec 1\n');
    expect(cgroup.measure(new ProcessTable())).toMatchObject({ processes: 1, memoryBytes: 3000, cpuSeconds: 2.5 });
  });
});

const own = realCgroup();
if (own !== undefined) rmdirSync(own);

/** A cgroup that the kernel made. A machine without cgroup v2, or whose user may make none, skips these. */
(own === undefined ? describe.skip : describe)('PluginCgroup, by the kernel (skipped without a cgroup v2)', () => {
  let tree: string;
  let directory: string;

  beforeEach(() => {
    tree = realCgroup()!;
    directory = join(root, 'processes');
  });
  afterEach(() => {
    for (const name of readdirSync(tree, { withFileTypes: true })) {
      if (name.isDirectory()) rmdirSync(join(tree, name.name));
    }
    rmdirSync(tree);
  });

  const ledger = (): ProcessLedger =>
    new ProcessLedger(directory, new ProcessTable(), new PluginCgroups({ directory: tree, controllers: new Set() }));
  const leaves = (): string[] => readdirSync(tree).filter((name) => name.startsWith('acme-'));
  const lives = (pid: number): boolean => existsSync(`/proc/${pid}/exe`);

  async function spawn(book: ProcessLedger, script: string, ...args: string[]): Promise<TrackedProcess> {
    const file = join(root, `it's $(a) "plugin"`);
    writeFileSync(file, `#!/bin/bash\n${script}\n`, { mode: 0o755 });
    return book.spawn({ plugin: 'acme', socket: join(root, 'x.sock') }, { file, args, cwd: '/' });
  }
  async function said(child: TrackedProcess): Promise<string> {
    const [chunk] = (await once(child.stdout, 'data')) as [Buffer];
    return chunk.toString().trim();
  }

  /** Prints the pid of a grandchild without parents, session, group and marker of the plugin. */
  const HIDDEN = `env -i setsid -f bash -c 'echo $$; exec sleep 600'; exec sleep 600`;

  it('[ISO-1] a plugin is in it before its first instruction, with its own pid and its arguments as they are', async () => {
    const child = await spawn(ledger(), 'echo "$$ $(cat /proc/self/cgroup | grep ^0::) $1"; exec sleep 600', '$(x) "');
    const [pid, path, argument] = (await said(child)).split(' ', 3);
    expect(Number(pid)).toBe(child.pid);
    expect(leaves()).toHaveLength(1);
    expect(path).toMatch(new RegExp(`/${leaves()[0]!}$`));
    expect(argument).toBe('$(x)');
    child.signalGroup('SIGKILL');
    expect(await child.exited).toEqual({ code: null, signal: 'SIGKILL' });
    await child.endLeftovers();
    expect(leaves()).toEqual([]);
  });

  it('faults 11: what has left group and session and hidden its marker ends with the plugin', async () => {
    const child = await spawn(ledger(), HIDDEN);
    const hidden = Number(await said(child));
    child.signalGroup('SIGKILL');
    await child.exited;
    expect(lives(hidden)).toBe(true);
    await child.endLeftovers();
    expect([lives(hidden), leaves()]).toEqual([false, []]);
  });

  it('[SUP-6] faults 14: the next host ends it too, and leaves the cgroups of others alone', async () => {
    const child = await spawn(ledger(), HIDDEN);
    const hidden = Number(await said(child));
    mkdirSync(join(tree, `acme-${'0'.repeat(32)}`));
    const reports = await ledger().endOrphans(50);
    expect(reports).toEqual([{ plugin: 'acme', pids: expect.arrayContaining([child.pid, hidden]), survivors: [] }]);
    expect([lives(child.pid), lives(hidden)]).toEqual([false, false]);
    expect(leaves()).toEqual([`acme-${'0'.repeat(32)}`]);
  });

  it('its processes are measured, wherever they have gone', async () => {
    const book = ledger();
    const child = await spawn(book, HIDDEN);
    await said(child);
    const measured = (): TreeUsage | undefined => book.running()[0]?.cgroup?.measure(new ProcessTable());
    // who has brought the hidden one into its own session may not have ended yet
    while (measured()?.processes !== 2) await delay(5);
    expect(measured()).toMatchObject({ processes: 2, cpuSeconds: expect.any(Number) });
    child.signalGroup('SIGKILL');
    await child.endLeftovers();
  });

  it('faults 3: what cannot be started leaves none behind, and says why', async () => {
    const options = { file: join(root, 'missing'), cwd: root };
    await expect(ledger().spawn({ plugin: 'acme', socket: 'x' }, options)).rejects.toThrow(/ENOENT/);
    expect(leaves()).toEqual([]);
  });
});
