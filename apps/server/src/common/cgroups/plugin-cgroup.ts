import { readdirSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { ResourceLimits } from '@toru/contracts';
import type { ProcessTable } from '../process-table';
import type { TreeUsage } from '../process-trees';
import { signalProcess, type MemoryEvents } from '../processes';
import { keyedNumber, pidsIn, readCgroupFile, tryCgroupFile, type Controller } from './cgroup-files';

const CPU_PERIOD_US = 100_000;
/** The least that the kernel takes, in microseconds of a period. */
const MIN_CPU_QUOTA_US = 1_000;
/**
 * `pids.max` counts threads. It is there for what multiplies between two samples, not to count processes, so that a
 * runtime with many threads must never meet it.
 */
const TASKS_FOR_EACH_PROCESS = 256;

/** Joins the cgroup in `$1` and becomes the program that follows. A budget that cannot be held is no reason not to run. */
const JOIN_AND_EXEC =
  'echo 0 >"$1" || echo "toru: it runs outside of its cgroup" >&2; shift; unset PWD OLDPWD SHLVL; exec "$@"';

const AGAIN_MS = 5;
/**
 * So often it is tried, that is two seconds and more, until SIGKILL shows; only a process in the kernel's hands takes longer.
 * Counted, since a host that stood still meanwhile has not looked.
 */
const MAX_TRIES = 400;

/** The cgroup of one process of a plugin and of all that it starts. */
export class PluginCgroup {
  /** The bounds that the kernel holds here. */
  readonly held: ReadonlySet<Controller>;

  constructor(
    readonly directory: string,
    private readonly controllers: ReadonlySet<Controller>,
    private readonly limits: ResourceLimits,
  ) {
    this.held = new Set([...controllers].filter((controller) => this.bound(controller)));
  }

  /** What a command has to begin with to run in here from its first instruction on. Its arguments are no shell text. */
  get launcher(): readonly string[] {
    return ['/bin/sh', '-c', JOIN_AND_EXEC, 'sh', join(this.directory, 'cgroup.procs')];
  }

  /** What all of its processes use; undefined while there is none. */
  measure(table: ProcessTable): TreeUsage | undefined {
    const { pageBytes, ticksPerSecond } = table.units();
    let [pages, ticks, processes] = [0, 0, 0];
    let files: number | undefined = 0;
    for (const pid of this.pids()) {
      const stat = table.stat(pid);
      if (stat === undefined) continue;
      const open = table.openFiles(pid);
      files = files === undefined || open === undefined ? undefined : files + open;
      [pages, ticks, processes] = [pages + stat.residentPages, ticks + stat.cpuTicks, processes + 1];
    }
    if (processes === 0) return undefined;
    const microseconds = keyedNumber(readCgroupFile(this.directory, 'cpu.stat'), 'usage_usec');
    return {
      cpuSeconds: microseconds === undefined ? ticks / ticksPerSecond : microseconds / 1e6,
      memoryBytes: this.memoryBytes() ?? pages * pageBytes,
      openFiles: files,
      processes,
    };
  }

  /** Who is in it, and in what a plugin has made below it. */
  pids(): number[] {
    return pidsOfTree(this.directory);
  }

  /** To be read before `end`; undefined where the kernel does not count. */
  memoryEvents(): MemoryEvents | undefined {
    if (!this.controllers.has('memory')) return undefined;
    const text = readCgroupFile(this.directory, 'memory.events');
    const killed = keyedNumber(text, 'oom_kill');
    const boundBytes = this.held.has('memory') ? this.limits.memory_bytes : undefined;
    return killed === undefined ? undefined : { overBound: keyedNumber(text, 'oom') ?? 0, killed, boundBytes };
  }

  /** Ends everything in it, in whatever group and session, and removes it. Resolves with whether it is gone. */
  async end(): Promise<boolean> {
    for (let tries = 0; !this.remove(); tries++) {
      if (tries >= MAX_TRIES) return false;
      this.kill();
      await delay(AGAIN_MS);
    }
    return true;
  }

  /** Removes it, and what a plugin has made below it, when nobody is in it. */
  remove(): boolean {
    return removeTree(this.directory);
  }

  /** All at once, so that nothing can be started meanwhile; one by one before Linux 5.14. */
  private kill(): void {
    if (tryCgroupFile(this.directory, 'cgroup.kill', '1')) return;
    for (const pid of this.pids()) if (pid !== process.pid) signalProcess(pid, 'SIGKILL');
  }

  /** Without what was read from files and can be dropped at any time: that is not what a bound is about. */
  private memoryBytes(): number | undefined {
    const current = Number(readCgroupFile(this.directory, 'memory.current') ?? NaN);
    if (!Number.isFinite(current)) return undefined;
    const droppable = keyedNumber(readCgroupFile(this.directory, 'memory.stat'), 'inactive_file') ?? 0;
    return Math.max(0, current - droppable);
  }

  private bound(controller: Controller): boolean {
    const { memory_bytes, cpu_percent, processes } = this.limits;
    if (controller === 'memory') {
      if (memory_bytes === undefined || !this.write('memory.max', memory_bytes)) return false;
      // neither file is there on every machine; a bound that swapping gets around is one still
      this.write('memory.swap.max', 0);
      // half a plugin is of no use to anybody
      this.write('memory.oom.group', 1);
      return true;
    }
    if (controller === 'cpu') {
      if (cpu_percent === undefined) return false;
      const quota = Math.max(MIN_CPU_QUOTA_US, Math.round((cpu_percent * CPU_PERIOD_US) / 100));
      return this.write('cpu.max', `${quota} ${CPU_PERIOD_US}`);
    }
    return processes !== undefined && this.write('pids.max', processes * TASKS_FOR_EACH_PROCESS);
  }

  private write(file: string, value: string | number): boolean {
    return tryCgroupFile(this.directory, file, String(value));
  }
}

function childrenOf(directory: string): string[] {
  try {
    const entries = readdirSync(directory, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map(({ name }) => join(directory, name));
  } catch {
    return [];
  }
}

function pidsOfTree(directory: string): number[] {
  return [...pidsIn(directory), ...childrenOf(directory).flatMap(pidsOfTree)];
}

function removeTree(directory: string): boolean {
  for (const child of childrenOf(directory)) removeTree(child);
  try {
    rmdirSync(directory);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT';
  }
}
