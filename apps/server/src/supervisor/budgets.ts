import { BUDGETED_RESOURCES, type PluginBudget, type ResourceLimits } from '@toru/contracts';
import type { MemoryEvents } from '../common';

/** What a plugin's processes used at one moment, as far as budgets go. */
export interface BudgetedUse {
  readonly memoryBytes: number;
  readonly cpuPercent: number;
  readonly processes: number;
}

/** Settings of the host that bound every plugin; 0: no bound. */
export interface HostBudgets {
  readonly pluginMemoryBytes: number;
  readonly pluginCpuPercent: number;
  readonly pluginOpenFiles: number;
  readonly pluginProcesses: number;
}

/** With this the reason begins where a plugin was ended for its budget: that is no crash of its own. */
export const OVER_BUDGET = 'it was ended for its budget: ';

/** In so many samples in a row a bound must be passed, so that a peak is forgiven; processor time may peak for longer. */
const PATIENCE = { memory: 2, processes: 2, cpu: 12 } as const;

/** The tighter one of what the plugin says of itself and what the host allows: neither loosens the other. */
export function limitsOf(declared: ResourceLimits | undefined, host: HostBudgets): ResourceLimits {
  const tighter = (own: number | undefined, bound: number): number | undefined =>
    bound === 0 ? own : Math.min(own ?? Infinity, bound);
  const limits = {
    memory_bytes: tighter(declared?.memory_bytes, host.pluginMemoryBytes),
    cpu_percent: tighter(declared?.cpu_percent, host.pluginCpuPercent),
    open_files: tighter(declared?.open_files, host.pluginOpenFiles),
    processes: tighter(declared?.processes, host.pluginProcesses),
  };
  return Object.fromEntries(Object.entries(limits).filter(([, limit]) => limit !== undefined));
}

/** Who holds the bounds of a process that runs. */
export interface HeldLimits {
  readonly limits: ResourceLimits;
  /** What the kernel holds; empty where it is in no cgroup. */
  readonly held: ReadonlySet<'memory' | 'cpu' | 'pids'>;
}

/** @param running the process that runs now, whose bounds may be those of another version */
export function budgetsOf(
  declared: ResourceLimits | undefined,
  host: HostBudgets,
  running: HeldLimits | undefined,
): PluginBudget[] {
  const limits = running?.limits ?? limitsOf(declared, host);
  const own = limitsOf(declared, NO_HOST_BUDGETS);
  const hosts = limitsOf(undefined, host);
  return BUDGETED_RESOURCES.flatMap((resource) => {
    const limit = limits[resource];
    if (limit === undefined) return [];
    const enforced_by = running === undefined ? null : keeperOf(resource, running.held);
    return [{ resource, limit, declared: own[resource] ?? null, host: hosts[resource] ?? null, enforced_by }];
  });
}

const NO_HOST_BUDGETS: HostBudgets = {
  pluginMemoryBytes: 0,
  pluginCpuPercent: 0,
  pluginOpenFiles: 0,
  pluginProcesses: 0,
};

function keeperOf(resource: PluginBudget['resource'], held: HeldLimits['held']): PluginBudget['enforced_by'] {
  if (resource === 'open_files') return 'rlimit';
  const isHeld = (resource === 'memory_bytes' && held.has('memory')) || (resource === 'cpu_percent' && held.has('cpu'));
  return isHeld ? 'cgroup' : 'sampling';
}

/** What follows from one sample. */
export type BudgetVerdict =
  /** It is to be ended now, for this reason. */
  | { readonly kind: 'end'; readonly why: string }
  /** It uses more processor time than it may, which is told of once and does not end it (ADR 0017). */
  | { readonly kind: 'warn'; readonly message: string };

/** Counts how long one process tree has been over each of its bounds. */
export class BudgetWatch {
  private memory = 0;
  private processes = 0;
  private cpu = 0;

  constructor(private readonly limits: ResourceLimits) {}

  /** Whether it has used more processor time than it may for long; undefined where that is not measured here. */
  get isOverCpu(): boolean | undefined {
    return this.limits.cpu_percent === undefined ? undefined : this.cpu >= PATIENCE.cpu;
  }

  /** To be called with each sample. Undefined where nothing follows. */
  judge(use: BudgetedUse): BudgetVerdict | undefined {
    const { memory_bytes = Infinity, processes = Infinity, cpu_percent = Infinity } = this.limits;
    this.memory = use.memoryBytes > memory_bytes ? this.memory + 1 : 0;
    this.processes = use.processes > processes ? this.processes + 1 : 0;
    this.cpu = use.cpuPercent > cpu_percent ? this.cpu + 1 : 0;
    if (this.memory >= PATIENCE.memory) {
      const memory = `${mebibytes(use.memoryBytes)} of memory, of at most ${mebibytes(memory_bytes)}`;
      return { kind: 'end', why: OVER_BUDGET + memory };
    }
    if (this.processes >= PATIENCE.processes) {
      return { kind: 'end', why: `${OVER_BUDGET}${use.processes} processes, of at most ${processes}` };
    }
    if (this.cpu !== PATIENCE.cpu) return undefined;
    const used = `${Math.round(use.cpuPercent)} % of a core for ${this.cpu} samples, of at most ${cpu_percent} %`;
    return {
      kind: 'warn',
      message: `it uses more processor time than it may: ${used}; nothing slows it down without a cgroup`,
    };
  }
}

/** The bounds that are held by measuring: the kernel ends or slows down whoever would pass one of the others. */
export function measuredLimits(limits: ResourceLimits, held: ReadonlySet<'memory' | 'cpu' | 'pids'>): ResourceLimits {
  const { memory_bytes, cpu_percent, ...rest } = limits;
  return {
    ...rest,
    ...(memory_bytes !== undefined && !held.has('memory') && { memory_bytes }),
    ...(cpu_percent !== undefined && !held.has('cpu') && { cpu_percent }),
  };
}

/** Why the kernel has ended a plugin, where that was for its own bound, not for what others used of the machine. */
export function endedByKernel(events: MemoryEvents | undefined): string | undefined {
  if (events?.boundBytes === undefined || events.killed === 0 || events.overBound === 0) return undefined;
  return `${OVER_BUDGET}it wanted more than ${mebibytes(events.boundBytes)} of memory`;
}

function mebibytes(bytes: number): string {
  return `${(bytes / 1024 ** 2).toFixed(1)} MiB`;
}
