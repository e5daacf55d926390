import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import Database from 'better-sqlite3';
import type { HostDirectories } from '../support/directories';
import type { SupervisorLine } from '../support/supervisor-log';

/** The host keeps so many events of each plugin. */
const KEPT_EVENTS = 10_000;

/** Which events a line of the supervisor stands for. What stands in no row is an action that changes no state. */
const EVENTS_OF_ACTIONS: Readonly<Record<string, readonly string[]>> = {
  ...{ enable: ['enabled'], disable: ['disabled'], give_up: ['disabled'], ready: ['started', 'restarted'] },
  ...{ stopped: ['stopped'], crash: ['crashed'], failed: ['failed'], budget_exceeded: ['budget_exceeded'] },
  ...{ unhealthy: ['unhealthy'], recovered: ['recovered'], reset: ['reset'], orphan_ended: ['orphan_ended'] },
  ...{ updated: ['updated'], update_failed: ['update_failed'], rolled_back: ['rolled_back'] },
  ...{ quarantine: ['route_quarantined'], release: ['route_released'] },
};
const EVENTS = new Set(Object.values(EVENTS_OF_ACTIONS).flat());

/** Lines that tell of a process's end. */
const ENDS: ReadonlySet<string> = new Set([
  ...['stopped', 'crash', 'failed', 'budget_exceeded', 'drained', 'update_failed', 'dismissed'],
]);

interface EventRow {
  readonly event_type: string;
  readonly details: string;
}

/** All that the supervisor wrote, the rotated files first. */
export function supervisorLinesIn(directories: HostDirectories): readonly SupervisorLine[] {
  const numberOf = (name: string): number => Number(name.split('.')[2] ?? 0);
  return readdirSync(directories.log)
    .filter((name) => name.startsWith('plugin-supervisor.log'))
    .sort((a, b) => numberOf(b) - numberOf(a))
    .flatMap((name) => readFileSync(path.join(directories.log, name), 'utf8').split('\n').slice(0, -1))
    .map((line) => JSON.parse(line) as SupervisorLine);
}

/** Whether each state change is a line and a row, in the same order (OBS-2, OBS-3), once the host has ended. */
export function checkJournals(directories: HostDirectories, ids: readonly string[]): readonly string[] {
  const lines = supervisorLinesIn(directories);
  const database = new Database(path.join(directories.data, 'toru.sqlite'), { readonly: true });
  try {
    const statement = database.prepare('SELECT event_type, details FROM plugin_events WHERE plugin_id = ? ORDER BY id');
    return ids.flatMap((id) => {
      const own = lines.filter((line) => line.plugin === id && line.action in EVENTS_OF_ACTIONS);
      const rows = (statement.all(id) as EventRow[]).filter(({ event_type }) => EVENTS.has(event_type));
      return compare(id, own, rows);
    });
  } finally {
    database.close();
  }
}

function compare(id: string, lines: readonly SupervisorLine[], rows: readonly EventRow[]): readonly string[] {
  const kept = rows.length >= KEPT_EVENTS ? lines.slice(-rows.length) : lines;
  if (kept.length !== rows.length) return [`${id} has ${kept.length} lines of state changes and ${rows.length} events`];
  const at = kept.findIndex(({ action, message }, index) => {
    const { event_type, details } = rows[index]!;
    const isNamed = EVENTS_OF_ACTIONS[action]?.includes(event_type) === true;
    return !isNamed || (JSON.parse(details) as { message?: string }).message !== message;
  });
  if (at < 0) return [];
  return [`${id}: line ${at} is ${kept[at]!.action} "${kept[at]!.message}" and the event is ${rows[at]!.event_type}`];
}

/** Whether there is a line for the beginning and for the end of every process: of those that have answered above all. */
export function checkProcessLines(directories: HostDirectories, answered: ReadonlySet<string>): readonly string[] {
  const lines = supervisorLinesIn(directories).filter(({ pid }) => typeof pid === 'number');
  const of = (isIt: (action: string) => boolean): ReadonlySet<string> =>
    new Set(lines.filter(({ action }) => isIt(action)).map(({ plugin, pid }) => `${plugin} ${String(pid)}`));
  const begun = of((action) => action === 'spawn' || action === 'update');
  const ended = of((action) => ENDS.has(action));
  return [
    ...[...answered].filter((each) => !begun.has(each)).map((each) => `no line tells that ${each} was spawned`),
    ...[...begun].filter((each) => !ended.has(each)).map((each) => `no line tells that ${each} has ended`),
  ];
}

/** Whether every acknowledged write is there (KV-5), once the host has ended. */
export function checkStored(directories: HostDirectories, stored: ReadonlyMap<string, string>): readonly string[] {
  const database = new Database(path.join(directories.data, 'toru.sqlite'), { readonly: true });
  try {
    const statement = database.prepare('SELECT value FROM plugin_kv WHERE plugin_id = ? AND key = ?').pluck();
    return [...stored].flatMap(([which, value]) => {
      const found = statement.get(...which.split(' ')) as string | undefined;
      return found === value ? [] : [`the acknowledged write ${which} is ${found ?? 'not there'}`];
    });
  } finally {
    database.close();
  }
}
