import { once } from 'node:events';
import { spawn, type ChildProcess } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { markerIn, MARKER_VARIABLE } from './marked-processes';
import { ProcessLedger, type TrackedProcess } from './process-ledger';
import { ProcessTable } from './process-table';
import { startHere, UnknownStartError } from './processes';

let root: string;
let directory: string;
let ledger: ProcessLedger;
const started: ChildProcess[] = [];

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'toru-ledger-'));
  directory = join(root, 'processes');
  ledger = new ProcessLedger(directory);
});
afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL');
  rmSync(root, { recursive: true, force: true });
});

const SHELL = { file: '/bin/sh', cwd: '/' };

/** Prints the pid of a child in a session of its own whose parent has ended, and goes on. */
const WITH_ESCAPED_CHILD = 'setsid -f sh -c "echo \\$\\$; exec sleep 600"; exec sleep 600';

async function spawnTracked(script: string, socket?: string): Promise<TrackedProcess> {
  return ledger.spawn({ plugin: 'acme', ...(socket !== undefined && { socket }) }, { ...SHELL, args: ['-c', script] });
}

async function firstLine(process: TrackedProcess): Promise<string> {
  const [chunk] = (await once(process.stdout, 'data')) as [Buffer];
  return chunk.toString().trim();
}

/** A process that no ledger knows. */
async function foreign(env: Record<string, string> = {}): Promise<ChildProcess & { pid: number }> {
  const child = spawn('/bin/sleep', ['600'], { env, detached: true, stdio: 'ignore' });
  started.push(child);
  await once(child, 'spawn');
  return child as ChildProcess & { pid: number };
}

function lives(pid: number): boolean {
  return existsSync(`/proc/${pid}/exe`);
}

function records(): Record<string, unknown>[] {
  return readdirSync(directory).map((name) => recordIn(readFileSync(join(directory, name), 'utf8')));
}

/** What its lines say together. */
function recordIn(text: string): Record<string, unknown> {
  const lines = text.trimEnd().split('\n');
  return Object.assign({}, ...lines.map((line) => JSON.parse(line) as object)) as Record<string, unknown>;
}

describe('ProcessLedger', () => {
  it('[SUP-6] writes a process down, pid and start time and marker, and strikes it off when it has ended', async () => {
    const child = await spawnTracked(`echo $${MARKER_VARIABLE}; exec sleep 600`, '/run/x.sock');
    const marker = await firstLine(child);
    const startTicks = new ProcessTable().stat(child.pid)?.startTicks;
    expect(records()).toEqual([
      expect.objectContaining({ plugin: 'acme', marker, pid: child.pid, startTicks, socket: '/run/x.sock' }),
    ]);
    child.signalGroup('SIGKILL');
    await child.exited;
    await child.endLeftovers();
    expect(records()).toEqual([]);
  });

  it('faults 11: what left the group and the session goes with the process that started it', async () => {
    const child = await spawnTracked(WITH_ESCAPED_CHILD);
    const escaped = Number(await firstLine(child));
    const bystander = await foreign();
    child.signalGroup('SIGKILL');
    await child.exited;
    expect(lives(escaped)).toBe(true);
    await child.endLeftovers();
    expect(lives(escaped)).toBe(false);
    expect(lives(bystander.pid)).toBe(true);
  });

  it('[SUP-6] faults 14: the next host ends what an earlier one has left, in whatever session, and its socket', async () => {
    const socket = join(root, 'x.sock');
    const server = createServer().listen(socket);
    await once(server, 'listening');
    const child = await spawnTracked(`trap "" TERM; ${WITH_ESCAPED_CHILD}`, socket);
    const escaped = Number(await firstLine(child));
    const reports = await new ProcessLedger(directory).endOrphans(100);
    expect(reports).toEqual([{ plugin: 'acme', pids: expect.arrayContaining([child.pid, escaped]), survivors: [] }]);
    expect([lives(child.pid), lives(escaped), existsSync(socket)]).toEqual([false, false, false]);
    expect(records()).toEqual([]);
    expect(await new ProcessLedger(directory).endOrphans(100)).toEqual([]);
    server.close();
  });

  describe('faults 11, 14: who becomes another program just when it is looked for', () => {
    /** Shows the environment of no marked process at the first look, as the kernel does in the midst of execve(2). */
    class Changing extends ProcessTable {
      private readonly looked = new Set<number>();
      override environment(pid: number): ReturnType<ProcessTable['environment']> {
        const environment = super.environment(pid);
        const isMarked = typeof environment === 'object' && markerIn(environment) !== undefined;
        if (!isMarked || this.looked.has(pid)) return environment;
        this.looked.add(pid);
        return 'changing';
      }
    }

    it('goes with the process that started it', async () => {
      ledger = new ProcessLedger(directory, new Changing());
      const child = await spawnTracked(WITH_ESCAPED_CHILD);
      const escaped = Number(await firstLine(child));
      child.signalGroup('SIGKILL');
      await child.exited;
      await child.endLeftovers();
      expect(lives(escaped)).toBe(false);
    });

    it('is ended by the next host', async () => {
      const child = await spawnTracked('exec sleep 600');
      const reports = await new ProcessLedger(directory, new Changing()).endOrphans(100);
      expect(reports).toEqual([{ plugin: 'acme', pids: [child.pid], survivors: [] }]);
      expect(lives(child.pid)).toBe(false);
    });

    it('[SUP-6] holds nobody up where the kernel never shows it', async () => {
      class Hidden extends ProcessTable {
        override environment(): 'changing' {
          return 'changing';
        }
      }
      ledger = new ProcessLedger(directory, new Hidden());
      const child = await spawnTracked('exec sleep 600');
      child.signalGroup('SIGKILL');
      await child.exited;
      expect(await new ProcessLedger(directory, new Hidden()).endOrphans(100)).toEqual([]);
      await child.endLeftovers();
      expect(records()).toEqual([]);
    });
  });

  it('[LIF-5] where it is not known whether it was started, what was started is ended before it is started again', async () => {
    const first: number[] = [];
    const lost = new ProcessLedger(directory, undefined, undefined, async (program) => {
      const { pid } = await startHere(program);
      first.push(pid);
      throw new UnknownStartError();
    });
    const child = await lost.spawn({ plugin: 'acme' }, { ...SHELL, args: ['-c', 'exec sleep 600'] });
    expect(first).toHaveLength(1);
    expect(lives(first[0]!)).toBe(false);
    expect(lives(child.pid)).toBe(true);
    child.signalGroup('SIGKILL');
    await child.exited;
    await child.endLeftovers();
    expect(records()).toEqual([]);
  });

  it('a record whose process was not spawned yet is enough: the marker is in the environment', async () => {
    const marker = 'ab'.repeat(16);
    const orphan = await foreign({ [MARKER_VARIABLE]: marker });
    const child = await spawnTracked('exec sleep 600');
    const [record] = records();
    child.signalGroup('SIGKILL');
    await child.exited;
    await child.endLeftovers();
    const { pid, startTicks, ...early }: Record<string, unknown> = { ...record, marker };
    expect([pid, startTicks]).toEqual([child.pid, expect.any(Number)]);
    // the second line was not written to its end: no pid is read from it
    writeFileSync(join(directory, `${marker}.json`), `${JSON.stringify(early)}\n{"pid":${child.pid},"startTi`);
    expect(await ledger.endOrphans(2_000)).toEqual([{ plugin: 'acme', pids: [orphan.pid], survivors: [] }]);
    expect(lives(orphan.pid)).toBe(false);
  });

  describe('faults 14: touches nobody else', () => {
    /** The record of a tracked process, which then points at somebody else. */
    async function recordPointingAt(other: Record<string, unknown>): Promise<void> {
      const child = await spawnTracked('exec sleep 600');
      const [name] = readdirSync(directory);
      const file = join(directory, name!);
      const text = readFileSync(file, 'utf8');
      child.signalGroup('SIGKILL');
      await child.exited;
      await child.endLeftovers();
      writeFileSync(file, JSON.stringify({ ...recordIn(text), ...other }));
    }

    it.each([
      ['whose pid alone fits', (stat: { startTicks: number }) => stat.startTicks + 1, {}],
      ['whose pid and start time fit, and that has no marker', (stat: { startTicks: number }) => stat.startTicks, {}],
      [
        'whose pid and start time fit, with another marker',
        (stat: { startTicks: number }) => stat.startTicks,
        { [MARKER_VARIABLE]: '00'.repeat(16) },
      ],
    ])('a process %s', async (_, startTicksOf, env) => {
      const other = await foreign(env);
      const stat = new ProcessTable().stat(other.pid)!;
      await recordPointingAt({ pid: other.pid, startTicks: startTicksOf(stat) });
      expect(await ledger.endOrphans(100)).toEqual([]);
      expect(lives(other.pid)).toBe(true);
      expect(records()).toEqual([]);
    });

    it('the processes of a host whose data directory was copied', async () => {
      const child = await spawnTracked('exec sleep 600');
      cpSync(directory, join(root, 'copy'), { recursive: true });
      expect(await new ProcessLedger(join(root, 'copy')).endOrphans(100)).toEqual([]);
      expect(lives(child.pid)).toBe(true);
      expect(await ledger.endOrphans(2_000)).toMatchObject([{ pids: [child.pid] }]);
    });

    it.each(['{', 'null', '[]', '{"plugin":1}', '{"plugin":"acme","marker":"../../x"}'])(
      'anybody, for a record that reads %s',
      async (text) => {
        await recordPointingAt({});
        const [name] = readdirSync(directory);
        writeFileSync(join(directory, name!), text);
        writeFileSync(join(directory, 'notes.txt'), '');
        expect(await ledger.endOrphans(100)).toEqual([]);
        expect(readdirSync(directory)).toEqual([]);
      },
    );
  });

  it('a process whose environment cannot be read is told by pid and start time', async () => {
    const child = await spawnTracked('exec sleep 600');
    class Hardened extends ProcessTable {
      override environment(pid: number): ReturnType<ProcessTable['environment']> {
        return super.environment(pid) === undefined ? undefined : 'unreadable';
      }
    }
    const next = new ProcessLedger(directory, new Hardened());
    const [record] = records();
    const file = join(directory, `${String(record!['marker'])}.json`);
    writeFileSync(file, JSON.stringify({ ...record, startTicks: Number(record!['startTicks']) + 1 }));
    expect(await next.endOrphans(100)).toEqual([]);
    expect(lives(child.pid)).toBe(true);
    writeFileSync(file, JSON.stringify(record));
    expect(await next.endOrphans(2_000)).toEqual([{ plugin: 'acme', pids: [child.pid], survivors: [] }]);
    await child.exited;
  });

  it('spawns nothing that it cannot write down', async () => {
    writeFileSync(directory, 'a file');
    const file = join(root, 'touched');
    await expect(spawnTracked(`touch ${file}`)).rejects.toThrow(/cannot be written down in the data directory/);
    expect(existsSync(file)).toBe(false);
  });

  it('a spawn that fails leaves no record', async () => {
    await expect(ledger.spawn({ plugin: 'acme' }, { file: join(root, 'missing'), cwd: root })).rejects.toThrow(
      /ENOENT/,
    );
    expect(records()).toEqual([]);
  });
});
