import { asSentence } from './as-sentence';

/** What the host records, in words. A type that is not here yet is made readable by itself. */
const NAMES: ReadonlyMap<string, string> = new Map([
  ['installed', 'File found'],
  ['removed', 'File gone'],
  ['enabled', 'Enabled'],
  ['disabled', 'Disabled'],
  ['started', 'Started'],
  ['restarted', 'Restarted'],
  ['stopped', 'Stopped'],
  ['start_postponed', 'Start postponed'],
  ['crashed', 'Crashed'],
  ['failed', 'Failed'],
  ['unhealthy', 'Not responding'],
  ['recovered', 'Responding again'],
  ['updated', 'Updated'],
  ['update_failed', 'Update failed'],
  ['rolled_back', 'Version changed'],
  ['reset', 'Reset'],
  ['route_quarantined', 'Route quarantined'],
  ['route_released', 'Route released'],
  ['budget_exceeded', 'Over its budget'],
  ['cpu_over_budget', 'Over its processor time'],
  ['orphan_ended', 'Left-over ended'],
  ['conflict', 'Conflict'],
  ['invalid', 'Not valid'],
  ['settings_changed', 'Settings changed'],
  ['limits_changed', 'Limits changed'],
  ['license_changed', 'Licence key changed'],
  ['license_refused', 'Licence refused'],
  ['license_expiring', 'Licence ends soon'],
  ['license_expired', 'Licence has ended'],
  ['clock_set_back', 'Clock set back'],
  ['clock_accepted', 'Clock accepted'],
]);

/** What the types of a plugin's own events begin with. */
const OWN = 'plugin.';

/** The type of an event, in words: `plugin.cache_cleared` is `Cache cleared`. */
export function eventName(type: string): string {
  const own = type.startsWith(OWN) ? type.slice(OWN.length) : type;
  return NAMES.get(type) ?? (asSentence(own.replaceAll(/[._-]+/g, ' ').trim()) || type);
}
