import { randomBytes } from 'node:crypto';
import { lstatSync, rmSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { ResourceLimits } from '@toru/contracts';
import type { PluginCgroup } from './cgroups/plugin-cgroup';
import { PluginCgroups } from './cgroups/plugin-cgroups';
import { errorMessage } from './error-code';
import { MARKER_VARIABLE, MarkedProcesses, markerIn, MAX_UNSURE_PASSES } from './marked-processes';
import { ProcessRecords, type ProcessRecord } from './process-record';
import { ProcessTable } from './process-table';
import {
  signalGroup,
  signalProcess,
  spawnProcess,
  startHere,
  UnknownStartError,
  type EndingSignal,
  type SpawnedProcess,
  type SpawnOptions,
  type Starter,
} from './processes';

/** What an earlier host had left of one plugin. */
export interface OrphanReport {
  readonly plugin: string;
  readonly pids: readonly number[];
  /** Those that SIGKILL did not end in time. */
  readonly survivors: readonly number[];
}

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

/** What one pass over the processes of the machine has seen of those that earlier hosts have left. */
interface OrphanPass {
  readonly found: readonly { readonly pid: number; readonly record: ProcessRecord }[];
  /** Some could not be told yet. */
  readonly isUnsure: boolean;
}

/** A process that is kept account of. */
export type TrackedProcess = SpawnedProcess & Required<Pick<SpawnedProcess, 'endLeftovers'>>;

const POLL_MS = 20;
/**
 * So many passes, that is two seconds and more, SIGKILL may take to show; only a process in the kernel's hands takes longer.
 * Counted, since a host that stood still meanwhile has not looked.
 */
const KILL_PASSES = 100;

/**
 * Keeps account of every process that the host spawns, on the disk before it can do anything, so that the next host can
 * end what a killed one has left (SUP-6): by pid, start time and marker together, never by pid alone (faults 14).
 */
export class ProcessLedger {
  private readonly records: ProcessRecords;
  private readonly marked: MarkedProcesses;
  private readonly live = new Map<number, RunningProcess & { readonly process: TrackedProcess }>();

  constructor(
    directory: string,
    private readonly table = new ProcessTable(),
    private readonly cgroups = new PluginCgroups(undefined),
    private readonly starter: Starter = startHere,
  ) {
    this.records = new ProcessRecords(directory, table.bootId());
    this.marked = new MarkedProcesses(table);
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
    const records = this.records.read();
    const reports = new Map<string, { pids: Set<number>; survivors: number[] }>();
    const reportOf = (plugin: string): { pids: Set<number>; survivors: number[] } => {
      const report = reports.get(plugin) ?? { pids: new Set(), survivors: [] };
      reports.set(plugin, report);
      return report;
    };
    const asked = new Set<number>();
    const begun = performance.now();
    for (let kills = 0, unsure = 0; records.length > 0;) {
      const signal = performance.now() - begun < graceMs ? 'SIGTERM' : 'SIGKILL';
      const { found, isUnsure } = this.signalOrphans(records, signal, asked);
      for (const { pid, record } of found) reportOf(record.plugin).pids.add(pid);
      if (found.length === 0 && (!isUnsure || ++unsure >= MAX_UNSURE_PASSES)) break;
      if (signal === 'SIGKILL' && ++kills > KILL_PASSES) {
        for (const { pid, record } of found) reportOf(record.plugin).survivors.push(pid);
        break;
      }
      await delay(POLL_MS);
    }
    const left = this.cgroups.left(new Set(records.map(({ marker }) => marker)));
    for (const record of records) {
      await endCgroup(left.get(record.marker), () => reportOf(record.plugin));
      if (record.socket !== undefined) removeSocket(record.socket);
      // what would not go is looked for again by the next start
      if ((reports.get(record.plugin)?.survivors.length ?? 0) === 0) this.records.remove(record.marker);
    }
    return [...reports].map(([plugin, { pids, survivors }]) => ({ plugin, pids: [...pids], survivors }));
  }

  /** One pass: signals whom it recognises, in the same tick. SIGTERM goes to each once. */
  private signalOrphans(records: readonly ProcessRecord[], signal: EndingSignal, asked: Set<number>): OrphanPass {
    const byMarker = new Map(records.map((record) => [record.marker, record]));
    const byPid = new Map(records.flatMap((record) => (record.pid === undefined ? [] : [[record.pid, record]])));
    const found: { pid: number; record: ProcessRecord }[] = [];
    let isUnsure = false;
    for (const pid of this.table.pids()) {
      if (pid === process.pid) continue;
      const match = this.recognise(pid, byMarker, byPid.get(pid));
      isUnsure ||= match === 'changing';
      if (match === undefined || match === 'changing') continue;
      found.push({ pid, record: match.record });
      if (signal === 'SIGTERM' && asked.has(pid)) continue;
      asked.add(pid);
      if (match.leads) signalGroup(pid, signal);
      else signalProcess(pid, signal);
    }
    return { found, isUnsure };
  }

  private recognise(
    pid: number,
    byMarker: ReadonlyMap<string, ProcessRecord>,
    recorded: ProcessRecord | undefined,
  ): { readonly record: ProcessRecord; readonly leads: boolean } | 'changing' | undefined {
    const environment = this.table.environment(pid);
    if (environment === undefined || environment === 'changing') return environment;
    // a process that hides its environment can be told by its start time alone, and only where its pid was written down
    if (environment === 'unreadable')
      return this.isThatOne(pid, recorded) ? { record: recorded, leads: true } : undefined;
    const record = byMarker.get(markerIn(environment) ?? '');
    return record === undefined ? undefined : { record, leads: record === recorded && this.isThatOne(pid, record) };
  }

  private isThatOne(pid: number, record: ProcessRecord | undefined): record is ProcessRecord {
    const stat = record === undefined ? undefined : this.table.stat(pid);
    return stat !== undefined && stat.startTicks === record?.startTicks && !['Z', 'X'].includes(stat.state);
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

/** Who is in it still has left its group and hidden what it was started with. */
async function endCgroup(
  cgroup: PluginCgroup | undefined,
  report: () => { readonly pids: Set<number>; readonly survivors: number[] },
): Promise<void> {
  const inside = cgroup?.pids() ?? [];
  for (const pid of inside) report().pids.add(pid);
  const gone = await cgroup?.end();
  if (gone === false) report().survivors.push(...inside);
}

function removeSocket(path: string): void {
  try {
    if (lstatSync(path).isSocket()) rmSync(path);
  } catch {
    // it is gone
  }
}
