import type { LicenceForm, LicenceTerms } from '@toru/licensing';

const FORMS: Readonly<Record<LicenceForm, string>> = { hmac: '1 (HMAC-SHA256)', ed25519: '2 (Ed25519)' };

/** With the names of the payload of the second form. */
export function termsJson(terms: LicenceTerms): Record<string, unknown> {
  const { form, instanceId: instance, expires, features, id, plugin, customer, issued, updatesUntil } = terms;
  return { form, id, plugin, instance, customer, issued, expires, updates_until: updatesUntil, features };
}

/** A line for each, for people. */
export function termsLines(terms: LicenceTerms, keyId?: string): string {
  const { form, instanceId, expires, features, id, plugin, customer, issued, updatesUntil } = terms;
  const rows: readonly (readonly [string, string | undefined])[] = [
    ['form', FORMS[form]],
    ['signed with', keyId],
    ['id', id],
    ['plugin', plugin],
    ['instance', instanceId],
    ['customer', customer],
    ['issued', issued],
    ['expires', expires === null ? 'never' : `${expires}, at the end of that day (UTC)`],
    ['updates until', updatesUntil === null ? 'for ever' : updatesUntil],
    ['features', form === 'hmac' ? undefined : features.join(', ') || 'none'],
  ];
  return rows.flatMap(([name, value]) => (value === undefined ? [] : [`${name.padEnd(13)}  ${value}\n`])).join('');
}
