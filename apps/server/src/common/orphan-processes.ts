import { lstatSync, rmSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { PluginCgroup } from './cgroups/plugin-cgroup';
import type { PluginCgroups } from './cgroups/plugin-cgroups';
import { markerIn, MAX_UNSURE_PASSES } from './marked-processes';
import type { ProcessRecord, ProcessRecords } from './process-record';
import type { ProcessTable } from './process-table';
import { signalGroup, signalProcess, type EndingSignal } from './processes';

/** What an earlier host had left of one plugin. */
export interface OrphanReport {
  readonly plugin: string;
  readonly pids: readonly number[];
  /** Those that SIGKILL did not end in time. */
  readonly survivors: readonly number[];
}

/** What one pass over the processes of the machine has seen of those that earlier hosts have left. */
interface OrphanPass {
  readonly found: readonly { readonly pid: number; readonly record: ProcessRecord }[];
  /** Some could not be told yet. */
  readonly isUnsure: boolean;
}

const POLL_MS = 20;
/**
 * So many passes, that is two seconds and more, SIGKILL may take to show; only a process in the kernel's hands takes longer.
 * Counted, since a host that stood still meanwhile has not looked.
 */
const KILL_PASSES = 100;

/**
 * The processes that earlier hosts have left (SUP-6), told by what these had written down: by pid, start time and marker
 * together, never by pid alone (faults 14).
 */
export class OrphanProcesses {
  constructor(
    private readonly records: ProcessRecords,
    private readonly table: ProcessTable,
    private readonly cgroups: PluginCgroups,
  ) {}

  /** Ends them: SIGTERM, after `graceMs` SIGKILL. Their sockets, cgroups and records go with them. */
  async end(graceMs: number): Promise<OrphanReport[]> {
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
      const { found, isUnsure } = this.signal(records, signal, asked);
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
  private signal(records: readonly ProcessRecord[], signal: EndingSignal, asked: Set<number>): OrphanPass {
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
