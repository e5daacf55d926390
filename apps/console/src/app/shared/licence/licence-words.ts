import type { LicenseTerms, PluginLicense } from '../../core/api/types';
import type { Tone } from '../status/plugin-status';

interface StateWords {
  readonly label: string;
  readonly tone: Tone;
  readonly explanation: string;
}

/** How a licence stands, for people; only the plugin itself decides whether the key is good. */
export function licenceWords({ state, required, days_left, terms }: PluginLicense): StateWords {
  switch (state) {
    case 'none':
      return required
        ? { label: 'No key', tone: 'warn', explanation: 'This plugin says that it needs a licence key.' }
        : { label: 'No key', tone: 'neutral', explanation: 'Plugins that check no licence need none.' };
    case 'unreadable':
      return {
        ...{ label: 'Form not known', tone: 'neutral' },
        explanation: 'The host cannot read this key. The plugin gets it as it is, and decides.',
      };
    case 'other_instance':
      return {
        ...{ label: 'Another installation', tone: 'error' },
        explanation: 'The key was issued for another installation. Ask the vendor for one for the instance id below.',
      };
    case 'other_plugin':
      return {
        ...{ label: 'Another plugin', tone: 'error' },
        explanation: `The key was issued for the plugin ${terms?.plugin ?? ''}.`,
      };
    case 'valid': {
      const explanation = days_left === null ? 'The licence does not end.' : `The licence ends ${inDays(days_left)}.`;
      return { label: 'Current', tone: 'ok', explanation };
    }
    case 'expiring':
      return {
        ...{ label: 'Ends soon', tone: 'warn' },
        explanation: `The licence ends ${inDays(days_left ?? 0)}. A plugin that runs goes on running; ask the vendor for a new key.`,
      };
    case 'expired':
      return {
        ...{ label: 'Has ended', tone: 'error' },
        explanation:
          'The licence has ended. A plugin that runs goes on running; whether it starts again, it decides itself.',
      };
  }
}

/** When a licence ends, by the days that are left: the last one counts. */
export function inDays(daysLeft: number): string {
  if (daysLeft <= 1) return 'today';
  return daysLeft === 2 ? 'tomorrow' : `in ${daysLeft} days, today included`;
}

/** One line of what there is to tell of a licence. */
export interface LicenceFact {
  readonly name: string;
  readonly value: string;
  readonly isCode?: boolean;
}

export function licenceFacts({ key, source, entered_at, file, terms, days_left }: PluginLicense): LicenceFact[] {
  if (key === null) return [];
  const entered = entered_at === null ? '' : ` ${entered_at.slice(0, 10)}`;
  const origin = source === 'file' ? `From the file ${file?.name ?? ''}` : `Entered${entered}`;
  const facts: (LicenceFact | null)[] = [
    { name: 'Key', value: key, isCode: true },
    { name: 'Source', value: origin },
    ...(terms === null ? [] : termFacts(terms)),
    days_left === null ? null : { name: 'Days left', value: String(days_left) },
  ];
  return facts.filter((fact) => fact !== null);
}

function termFacts(terms: LicenseTerms): (LicenceFact | null)[] {
  const { form, expires, updates_until, customer, id, issued, features } = terms;
  const isSecond = form === 'ed25519';
  return [
    { name: 'Ends', value: expires === null ? 'Never' : `${expires} (UTC)` },
    isSecond ? { name: 'Updates until', value: updates_until ?? 'No end' } : null,
    customer === null ? null : { name: 'Customer', value: customer },
    id === null ? null : { name: 'Licence', value: id, isCode: true },
    issued === null ? null : { name: 'Issued', value: issued },
    features.length === 0 ? null : { name: 'Features', value: features.join(', ') },
    terms.this_instance ? null : { name: 'Issued for instance', value: terms.instance_id, isCode: true },
  ];
}
