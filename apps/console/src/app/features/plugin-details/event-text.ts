import type { PluginEvent } from '../../core/api/types';
import { asSentence } from '../../shared/status/as-sentence';
import { shortTime } from './facts';
import { LIMITS } from './limits/limit-names';

/** A plugin may tell anything, of any length; a line of a list is a line. */
const MAX_LENGTH = 300;
const TIMESTAMP = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g;

/** What an event tells besides its type; empty where that is nothing. */
export function eventText({ event_type, details }: PluginEvent): string {
  const { message, reason, settings, limits } = details;
  if (typeof message === 'string') return readable(message);
  if (typeof reason === 'string') return readable(reason);
  if (event_type === 'settings_changed' && Array.isArray(settings)) return settings.join(', ');
  if (event_type === 'limits_changed' && Array.isArray(limits)) return limitsText(limits);
  return readable(pairs(details));
}

/** Times as the console shows them everywhere. */
function readable(text: string): string {
  const short = text.length > MAX_LENGTH ? `${text.slice(0, MAX_LENGTH)}…` : text;
  return asSentence(short).replaceAll(TIMESTAMP, shortTime);
}

/** `file: acme.binary, days left: 3`: what has no words of its own. */
function pairs(details: PluginEvent['details']): string {
  return Object.entries(details)
    .filter(([, value]) => value !== null && value !== undefined && value !== '')
    .map(([name, value]) => {
      const text = typeof value === 'string' ? value : JSON.stringify(value);
      return `${name.replaceAll('_', ' ')}: ${text}`;
    })
    .join(', ');
}

function limitsText(limits: readonly unknown[]): string {
  if (limits.length === 0) return 'None is set any more';
  const names = limits.map((limit) => LIMITS.find(({ name }) => name === limit)?.label ?? 'Single paths');
  return asSentence(names.join(', ').toLowerCase());
}
