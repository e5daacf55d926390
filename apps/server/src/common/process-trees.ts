import { setImmediate as turn } from 'node:timers/promises';
import type { ProcessStat, ProcessTable } from './process-table';

/** What a process and all that it has started use at one moment. */
export interface TreeUsage {
  /** The processor time that they have used so far, in seconds; those that have ended and were waited for included. */
  readonly cpuSeconds: number;
  /** Resident; pages that they share count for each of them. */
  readonly memoryBytes: number;
  /** Undefined where the system does not tell. */
  readonly openFiles: number | undefined;
  readonly processes: number;
}

/** How many processes are read before others get their turn: about 1 ms. */
const SLICE = 128;

/**
 * Measures trees of processes, all of them in one pass over `/proc`. A process belongs to a root by its process group, its
 * session or its parents, and goes on belonging to it when these are gone: it was seen there before.
 */
export class ProcessTrees {
  private readonly units;
  /** By pid and start time: which root a process was seen below. */
  private belongs = new Map<string, number>();

  constructor(private readonly table: ProcessTable) {
    this.units = table.units();
  }

  /** @param roots pids of group leaders; those that are not there any more are missing in the result */
  async measure(roots: ReadonlySet<number>): Promise<Map<number, TreeUsage>> {
    const stats = await this.readAll();
    const rootOf = this.assign(stats, roots);
    const usages = new Map<number, { cpu: number; pages: number; files: number | undefined; processes: number }>();
    const belongs = new Map<string, number>();
    for (const stat of stats.values()) {
      const root = rootOf(stat);
      if (root === undefined || stat.state === 'Z' || stat.state === 'X') continue;
      belongs.set(nameOf(stat), root);
      const usage = usages.get(root) ?? { cpu: 0, pages: 0, files: 0, processes: 0 };
      const files = this.table.openFiles(stat.pid);
      usage.cpu += stat.cpuTicks;
      usage.pages += stat.residentPages;
      usage.files = usage.files === undefined || files === undefined ? undefined : usage.files + files;
      usage.processes += 1;
      usages.set(root, usage);
    }
    this.belongs = belongs;
    const { pageBytes, ticksPerSecond } = this.units;
    const results = new Map<number, TreeUsage>();
    for (const [root, { cpu, pages, files, processes }] of usages) {
      const bytes = { cpuSeconds: cpu / ticksPerSecond, memoryBytes: pages * pageBytes };
      results.set(root, { ...bytes, openFiles: files, processes });
    }
    return results;
  }

  private async readAll(): Promise<Map<number, ProcessStat>> {
    const stats = new Map<number, ProcessStat>();
    let looked = 0;
    for (const pid of this.table.pids()) {
      if (++looked % SLICE === 0) await turn();
      const stat = this.table.stat(pid);
      if (stat !== undefined) stats.set(pid, stat);
    }
    return stats;
  }

  private assign(
    stats: ReadonlyMap<number, ProcessStat>,
    roots: ReadonlySet<number>,
  ): (stat: ProcessStat) => number | undefined {
    const known = new Map<number, number | undefined>();
    const find = (stat: ProcessStat): number | undefined => {
      if (known.has(stat.pid)) return known.get(stat.pid);
      // a parent that is somebody's child in turn: pids may be read while they change hands
      known.set(stat.pid, undefined);
      const seen = this.belongs.get(nameOf(stat));
      const own = [stat.group, stat.session, seen ?? 0].find((root) => roots.has(root));
      const parent = stats.get(stat.parent);
      const root = own ?? (parent === undefined ? undefined : find(parent));
      known.set(stat.pid, root);
      return root;
    };
    return find;
  }
}

function nameOf({ pid, startTicks }: ProcessStat): string {
  return `${pid}:${startTicks}`;
}
