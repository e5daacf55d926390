import { timestamp, type Exit } from '../common';
import type { StopStep } from './plugin-run';
import type { QuarantinedRoute } from './poison-routes';
import type { QuarantineEvents } from './quarantine';
import type { Refusal } from './refusal';
import type { Entry } from './supervisor-journal';

type Fields = NonNullable<Entry['fields']>;

/** The words for what an actor does: one sentence for each action, and an event where the action is worth one. */
export class PluginJournal implements QuarantineEvents {
  constructor(private readonly write: (entry: Omit<Entry, 'plugin'>) => void) {}

  enabled(): void {
    this.write({ action: 'enable', message: 'it was enabled', event: 'enabled' });
  }

  disabled(): void {
    this.write({ action: 'disable', message: 'it was disabled', event: 'disabled' });
  }

  spawned(pid: number): void {
    this.write({ action: 'spawn', message: `spawned as process ${pid}`, fields: { pid } });
  }

  ready(pid: number, again: boolean): void {
    const message = 'its socket answers, its routes are open';
    this.write({ action: 'ready', message, event: again ? 'restarted' : 'started', fields: { pid } });
  }

  notReady(pid: number, why: string): void {
    this.write({ action: 'not_ready', message: why, level: 'error', fields: { pid } });
  }

  stopStep(pid: number, step: StopStep): void {
    this.write({ action: step, message: `${step} was sent`, fields: { pid } });
  }

  stopped(pid: number): void {
    this.write({ action: 'stopped', message: 'it has ended', event: 'stopped', fields: { pid } });
  }

  refused(why: string, fields: Fields, refusal: Refusal): void {
    this.write({ action: 'failed', message: why, level: 'error', event: 'failed', fields });
    if (refusal !== 'license') return;
    const message = `it does not run until its licence key changes: ${why}`;
    this.write({ action: 'license_refused', message, level: 'error', event: 'license_refused' });
  }

  crashed(why: string, fields: Fields, consecutiveCrashes: number): void {
    const counted = { ...fields, consecutive_crashes: consecutiveCrashes };
    this.write({ action: 'crash', message: why, level: 'error', event: 'crashed', fields: counted });
  }

  /** @param begins whether it is the first time since the plugin was ready: only then it is an event */
  postponed(why: string, delayMs: number, begins: boolean): void {
    const message = `${why}; it is tried again in ${delayMs / 1000} s, and this is not held against it`;
    const event = begins ? { event: 'start_postponed' as const } : {};
    this.write({ action: 'postponed', message, level: 'error', ...event, fields: { delay_ms: delayMs } });
  }

  /** @param begins whether it is the first time since an update was made: only then it is an event */
  updatePostponed(version: string, why: string, delayMs: number, begins: boolean): void {
    this.postponed(`version ${version} waits: ${why}`, delayMs, begins);
  }

  willRestart(delayMs: number): void {
    const message = `it is started again in ${delayMs / 1000} s`;
    this.write({ action: 'restart', message, level: 'warn', fields: { delay_ms: delayMs } });
  }

  restarting(): void {
    this.write({ action: 'restart', message: 'it is started again', level: 'warn' });
  }

  gaveUp(reason: string, consecutiveCrashes: number): void {
    const fields = { consecutive_crashes: consecutiveCrashes };
    this.write({ action: 'give_up', message: reason, level: 'error', event: 'disabled', fields });
  }

  updating(pid: number, version: string): void {
    this.write({ action: 'update', message: `version ${version} gets ready beside it`, fields: { pid, version } });
  }

  updated(pid: number, from: string, to: string): void {
    const message = `version ${to} has taken over from ${from}`;
    this.write({ action: 'updated', message, event: 'updated', fields: { pid, from, to } });
  }

  updateFailed(pid: number | null, version: string, why: string): void {
    const message = `version ${version} was not taken: ${why}`;
    const fields = { pid, version, why };
    this.write({ action: 'update_failed', message, level: 'error', event: 'update_failed', fields });
  }

  rolledBack(from: string, to: string, why: string): void {
    const message = `back to version ${to}, since ${from} has failed: ${why}`;
    this.write({ action: 'rolled_back', message, level: 'error', event: 'rolled_back', fields: { from, to, why } });
  }

  drained(pid: number, version: string): void {
    this.write({ action: 'drained', message: `version ${version} has ended`, fields: { pid, version } });
  }

  dismissed(pid: number, version: string, why: string): void {
    const message = `version ${version} was ended before it took over: ${why}`;
    this.write({ action: 'dismissed', message, fields: { pid, version } });
  }

  unhealthy(complaint: string): void {
    this.write({ action: 'unhealthy', message: complaint, level: 'warn', event: 'unhealthy' });
  }

  recovered(): void {
    this.write({ action: 'recovered', message: 'it answers again', event: 'recovered' });
  }

  protocolError(reason: string): void {
    this.write({ action: 'protocol_error', message: reason, level: 'warn' });
  }

  restartedBySomebody(): void {
    this.write({ action: 'restart', message: 'somebody restarts it' });
  }

  reset(): void {
    const message = 'its crashes are forgotten, nothing of it is in quarantine any more';
    this.write({ action: 'reset', message, event: 'reset' });
  }

  quarantined({ route, until, times }: QuarantinedRoute): void {
    const message = `${route} was in flight at repeated crashes and is kept from it until ${timestamp(until)}`;
    const fields = { route, until: timestamp(until), times };
    this.write({ action: 'quarantine', message, level: 'error', event: 'route_quarantined', fields });
  }

  released({ route, times }: QuarantinedRoute): void {
    const message = `${route} is let through again`;
    this.write({ action: 'release', message, level: 'warn', event: 'route_released', fields: { route, times } });
  }

  error(message: string): void {
    this.write({ action: 'error', message, level: 'error' });
  }
}

/** How a process ended, as the fields of a line or an event. */
export function exitFields(pid: number, { code, signal }: Exit): Fields {
  return { pid, exit_code: code, signal };
}
