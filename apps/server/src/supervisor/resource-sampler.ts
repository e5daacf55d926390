import { Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { SchedulerRegistry } from '@nestjs/schedule';
import {
  Clock,
  errorMessage,
  ProcessLedger,
  ProcessTable,
  ProcessTrees,
  type RunningProcess,
  type TreeUsage,
} from '../common';
import { Configuration } from '../config';
import { BudgetWatch, measuredLimits } from './budgets';
import { ResourceHistory } from './resource-history';

interface Watched {
  readonly budget: BudgetWatch;
  /** Of the sample before. */
  readonly cpuSeconds: number;
  /** On the monotonic clock, in milliseconds. */
  readonly at: number;
  readonly inCgroup: boolean;
}

type Measured = TreeUsage & Pick<Watched, 'inCgroup'>;

/**
 * Measures what each plugin uses, its children included, on a schedule and in one pass for all of them. Ends those that
 * use more memory or processes than they may, and tells of those that use more processor time.
 */
@Injectable()
export class ResourceSampler implements OnApplicationBootstrap {
  private readonly logger = new Logger('resources');
  private readonly table = new ProcessTable();
  private readonly trees = new ProcessTrees(this.table);
  private watched = new Map<number, Watched>();
  private sampling = false;
  private warn: (plugin: string, message: string) => void = () => undefined;

  constructor(
    private readonly configuration: Configuration,
    private readonly scheduler: SchedulerRegistry,
    private readonly clock: Clock,
    private readonly ledger: ProcessLedger,
    private readonly history: ResourceHistory,
  ) {}

  onApplicationBootstrap(): void {
    const timer = setInterval(() => void this.tick(), this.configuration.resourceIntervalMs);
    this.scheduler.addInterval('plugin-resources', timer);
  }

  /** From then on told of plugins that use more processor time than they may, where nothing slows them down. */
  onOverCpu(listener: (plugin: string, message: string) => void): void {
    this.warn = listener;
  }

  /** Takes one sample of everybody. */
  async sample(): Promise<void> {
    const running = this.ledger.running().filter(({ purpose }) => purpose.socket !== undefined);
    const usages = await this.measure(running);
    const at = this.clock.monotonic();
    const watched = new Map<number, Watched>();
    this.history.measured(running.map(({ purpose }) => purpose.plugin));
    for (const process of running) {
      const usage = usages.get(process.pid);
      if (usage === undefined) continue;
      // what was measured in another way is no measure for this sample
      const last = this.watched.get(process.pid);
      const before = last?.inCgroup === usage.inCgroup ? last : undefined;
      const budget = before?.budget ?? budgetOf(process, usage.inCgroup);
      const cpuSeconds = Math.max(0, usage.cpuSeconds - (last?.cpuSeconds ?? 0));
      // measured in two ways, the two numbers have no difference
      if (last === undefined || before !== undefined) this.history.used(process.purpose.plugin, cpuSeconds);
      watched.set(process.pid, { budget, cpuSeconds: usage.cpuSeconds, at, inCgroup: usage.inCgroup });
      const cpuPercent =
        before === undefined || at <= before.at
          ? 0
          : Math.max(0, (100_000 * (usage.cpuSeconds - before.cpuSeconds)) / (at - before.at));
      this.record(process, usage, cpuPercent);
      const verdict = budget.judge({ ...usage, cpuPercent });
      this.history.judged(process.purpose.plugin, budget.isOverCpu);
      if (verdict?.kind === 'end') this.ledger.end(process.pid, verdict.why);
      if (verdict?.kind === 'warn') this.warn(process.purpose.plugin, verdict.message);
    }
    this.watched = watched;
  }

  /** Where a plugin has a cgroup, the kernel tells; for all others, one pass over the processes of the machine. */
  private async measure(running: readonly RunningProcess[]): Promise<Map<number, Measured>> {
    const usages = new Map<number, Measured>();
    const others = new Set<number>();
    for (const { pid, cgroup } of running) {
      const usage = cgroup?.measure(this.table);
      if (usage === undefined) others.add(pid);
      else usages.set(pid, { ...usage, inCgroup: true });
    }
    if (others.size === 0) return usages;
    for (const [pid, usage] of await this.trees.measure(others)) usages.set(pid, { ...usage, inCgroup: false });
    return usages;
  }

  private record(
    { purpose }: RunningProcess,
    usage: { readonly memoryBytes: number; readonly openFiles: number | undefined; readonly processes: number },
    cpuPercent: number,
  ): void {
    this.history.add(purpose.plugin, {
      at: this.clock.now(),
      cpu_percent: Math.round(cpuPercent * 10) / 10,
      memory_bytes: usage.memoryBytes,
      open_files: usage.openFiles ?? null,
      processes: usage.processes,
      memory_limit_bytes: purpose.limits?.memory_bytes ?? null,
    });
  }

  private async tick(): Promise<void> {
    if (this.sampling) return;
    this.sampling = true;
    try {
      await this.sample();
    } catch (error) {
      this.logger.error(`the plugins could not be measured: ${errorMessage(error)}`);
    } finally {
      this.sampling = false;
    }
  }
}

/** A process that did not get into its cgroup is bounded by nothing but what is measured. */
function budgetOf({ purpose, cgroup }: RunningProcess, inCgroup: boolean): BudgetWatch {
  const limits = purpose.limits ?? {};
  return new BudgetWatch(inCgroup && cgroup !== undefined ? measuredLimits(limits, cgroup.held) : limits);
}
