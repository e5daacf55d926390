import { randomBytes } from 'node:crypto';
import type { ResourceLimits } from '@toru/contracts';
import type { PluginCgroup } from './cgroups/plugin-cgroup';
import { PluginCgroups } from './cgroups/plugin-cgroups';
import { errorMessage } from './error-code';
import { MARKER_VARIABLE, MarkedProcesses } from './marked-processes';
import { OrphanProcesses, type OrphanReport } from './orphan-processes';
import { ProcessRecords, type ProcessRecord } from './process-record';
import { ProcessTable } from './process-table';
import {
  spawnProcess,
  startHere,
  UnknownStartError,
  type SpawnedProcess,
  type SpawnOptions,
  type Starter,
} from './processes';

/** Whose process it is, and where it makes its socket. */
export interface ProcessPurpose {
  readonly plugin: string;
  readonly socket?: string;
  /** What it may use of the machine, with all that it starts. */
  readonly limits?: ResourceLimits;
}

/** A process that runs, and for what. */
export interface RunningProcess {
  readonly pid: number;
  readonly purpose: ProcessPurpose;
  /** The cgroup that was made for it and what it starts. */
  readonly cgroup: PluginCgroup | undefined;
}

/** A process that is kept account of. */
export type TrackedProcess = SpawnedProcess & Required<Pick<SpawnedProcess, 'endLeftovers'>>;

/**
 * Keeps account of every process that the host spawns, on the disk before it can do anything, so that the next host can
 * end what a killed one has left (SUP-6): by pid, start time and marker together, never by pid alone (faults 14).
 */
export class ProcessLedger {
  private readonly records: ProcessRecords;
  private readonly marked: MarkedProcesses;
  private readonly orphans: OrphanProcesses;
  private readonly live = new Map<number, RunningProcess & { readonly process: TrackedProcess }>();

  constructor(
    directory: string,
    private readonly table = new ProcessTable(),
    private readonly cgroups = new PluginCgroups(undefined),
    private readonly starter: Starter = startHere,
  ) {
    this.records = new ProcessRecords(directory, table.bootId());
    this.marked = new MarkedProcesses(table);
    this.orphans = new OrphanProcesses(this.records, table, cgroups);
  }

  /**
   * Spawns a process as `spawnProcess` does. Rejects, and spawns nothing, when it cannot be written down: a process that
   * nobody could find again must not run.
   */
  async spawn(purpose: ProcessPurpose, options: SpawnOptions): Promise<TrackedProcess> {
    const { plugin, socket } = purpose;
    const marker = randomBytes(16).toString('hex');
    const record: ProcessRecord = { plugin, marker, ...(socket !== undefined && { socket }) };
    this.write(record);
    // what has no socket tells of itself and ends: that is over before it could be measured
    const cgroup = socket === undefined ? undefined : this.cgroups.create(plugin, marker, purpose.limits ?? {});
    const launcher = cgroup === undefined ? {} : { launcher: cgroup.launcher };
    let child: SpawnedProcess;
    try {
      child = await this.start(marker, { ...options, ...launcher });
    } catch (error) {
      cgroup?.remove();
      this.records.remove(record.marker);
      throw error;
    }
    const startTicks = this.table.stat(child.pid)?.startTicks;
    try {
      if (startTicks !== undefined) this.records.complete(marker, { pid: child.pid, startTicks });
    } catch {
      // the disk has filled up since a moment ago; the marker is written down, and is enough
    }
    const tracked: TrackedProcess = {
      ...child,
      endLeftovers: async () => {
        const events = cgroup?.memoryEvents();
        if (events !== undefined) tracked.memoryEvents = events;
        await Promise.all([cgroup?.end(), this.endLeftovers(marker)]);
      },
    };
    this.live.set(child.pid, { pid: child.pid, purpose, cgroup, process: tracked });
    void child.exited.then(() => this.live.delete(child.pid));
    return tracked;
  }

  private async start(marker: string, options: SpawnOptions): Promise<SpawnedProcess> {
    const marked = { ...options, env: { ...options.env, [MARKER_VARIABLE]: marker } };
    try {
      return await spawnProcess(marked, this.starter);
    } catch (error) {
      if (!(error instanceof UnknownStartError)) throw error;
      await this.marked.end(marker);
      return await spawnProcess(marked);
    }
  }

  /** The processes that run now. */
  running(): RunningProcess[] {
    return [...this.live.values()];
  }

  /** Ends one of them with its group at once; `because` becomes the reason of its end. */
  end(pid: number, because: string): void {
    const process = this.live.get(pid)?.process;
    if (process === undefined) return;
    process.endedBecause ??= because;
    process.signalGroup('SIGKILL');
  }

  /**
   * Ends what earlier hosts have left: SIGTERM, after `graceMs` SIGKILL. To be called before anything is spawned, by the
   * one host that holds the data directory. Removes their sockets as well.
   */
  async endOrphans(graceMs: number): Promise<OrphanReport[]> {
    return this.orphans.end(graceMs);
  }

  private async endLeftovers(marker: string): Promise<void> {
    await this.marked.end(marker);
    try {
      this.records.remove(marker);
    } catch {
      // it stays, and tells the next start of a process that is not there
    }
  }

  private write(record: ProcessRecord): void {
    try {
      this.records.write(record);
    } catch (error) {
      throw new Error(`it cannot be written down in the data directory before it starts: ${errorMessage(error)}`, {
        cause: error,
      });
    }
  }
}
