import { Injectable } from '@nestjs/common';
import type { LogLevel } from '@toru/contracts';
import { EventsService } from '../events';
import { LogsService } from '../logs';
import { OVER_BUDGET } from './budgets';

/** What the supervisor does. Each is a line of `plugin-supervisor.log` (OBS-2). */
export type SupervisorAction =
  | 'spawn'
  | 'ready'
  | 'not_ready'
  | 'enable'
  | 'disable'
  | 'shutdown'
  | 'SIGTERM'
  | 'SIGKILL'
  | 'stopped'
  | 'crash'
  | 'restart'
  | 'postponed'
  | 'give_up'
  | 'failed'
  | 'license_refused'
  | 'unhealthy'
  | 'recovered'
  | 'protocol_error'
  | 'update'
  | 'updated'
  | 'update_failed'
  | 'rolled_back'
  | 'drained'
  | 'dismissed'
  | 'quarantine'
  | 'release'
  | 'reset'
  | 'orphan_ended'
  | 'budget_exceeded'
  | 'cpu_over_budget'
  | 'error';

/** A row of `plugin_events` (OBS-3). */
export type LifecycleEventType =
  | 'enabled'
  | 'started'
  | 'restarted'
  | 'stopped'
  | 'crashed'
  | 'start_postponed'
  | 'disabled'
  | 'failed'
  | 'license_refused'
  | 'unhealthy'
  | 'recovered'
  | 'updated'
  | 'update_failed'
  | 'rolled_back'
  | 'reset'
  | 'route_quarantined'
  | 'route_released'
  | 'conflict'
  | 'orphan_ended'
  | 'budget_exceeded'
  | 'cpu_over_budget';

export interface Entry {
  readonly plugin: string;
  readonly action: SupervisorAction;
  /** One sentence. */
  readonly message: string;
  readonly level?: LogLevel;
  /** Where the action is worth a row in the database too. */
  readonly event?: LifecycleEventType;
  readonly fields?: Readonly<Record<string, string | number | boolean | null>>;
}

/** Writes down every action of the supervisor: a log line always, an event where one is named. Never fails its caller. */
@Injectable()
export class SupervisorJournal {
  constructor(
    private readonly logs: LogsService,
    private readonly events: EventsService,
  ) {}

  record(entry: Entry): void {
    const { plugin, action, message, level = 'info', event, fields = {} } = asItIsCalled(entry);
    this.logs.supervisorLog(action, plugin, message, level, fields);
    if (event !== undefined) this.events.record(plugin, event, { message, ...fields });
  }
}

/** A plugin that was ended for its budget counts like one that crashed, but is not called so. */
function asItIsCalled(entry: Entry): Entry {
  if (entry.event !== 'crashed' || !entry.message.startsWith(OVER_BUDGET)) return entry;
  return { ...entry, action: 'budget_exceeded', event: 'budget_exceeded' };
}
