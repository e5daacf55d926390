import type { PluginEvent } from '../../core/api/types';
import { asSentence } from '../../shared/status/as-sentence';
import { LIMITS } from './limits/limit-names';

/** What an event tells besides its type; empty where that is nothing. */
export function eventText({ details }: PluginEvent): string {
  const { message, reason, settings, limits } = details;
  if (typeof message === 'string') return asSentence(message);
  if (typeof reason === 'string') return asSentence(reason);
  if (Array.isArray(settings)) return settings.join(', ');
  if (Array.isArray(limits)) return limitsText(limits);
  return '';
}

function limitsText(limits: readonly unknown[]): string {
  if (limits.length === 0) return 'None is set any more';
  const names = limits.map((limit) => LIMITS.find(({ name }) => name === limit)?.label ?? 'Single paths');
  return asSentence(names.join(', ').toLowerCase());
}
