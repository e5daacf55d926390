import { asSentence } from './as-sentence';

/** What is called otherwise than its type: the wire writes `license`. */
const NAMES: ReadonlyMap<string, string> = new Map([
  ['license_changed', 'Licence key changed'],
  ['license_refused', 'Licence refused'],
  ['license_expiring', 'Licence ends soon'],
  ['license_expired', 'Licence has ended'],
  ['clock_set_back', 'Clock set back'],
  ['clock_accepted', 'Clock accepted'],
]);

/** The type of an event, in words. */
export function eventName(type: string): string {
  return NAMES.get(type) ?? asSentence(type.replaceAll('_', ' '));
}
