import { DAY_MS, dateOf, endOfDay } from './calendar-date';
import { refused, type LicenceTerms, type Refusal } from './licence';

export const NOT_A_KEY = refused(
  'format',
  'The licence key is not complete or was changed: enter it exactly as it was issued',
);

export function checkInstance(terms: LicenceTerms, instanceId: string): Refusal | undefined {
  if (terms.instanceId === instanceId) return undefined;
  return refused(
    'instance',
    `The licence is for the installation ${terms.instanceId}, and this one is ${instanceId}: ask the vendor for a key for this one`,
  );
}

/** A time that is no time is later than every end. */
export function checkExpiry({ expires }: LicenceTerms, now: Date): Refusal | undefined {
  if (expires === null || now.getTime() < endOfDay(expires)) return undefined;
  return refused('expired', `The licence ended on ${expires} (UTC): ask the vendor for a new key`);
}

/** True from the first moment after the last day of the licence. */
export function isExpired(terms: LicenceTerms, now: Date): boolean {
  return checkExpiry(terms, now) !== undefined;
}

/** Days that begin (in UTC) from now to the end of the licence, today included: 1 on the last day, 0 after it; null: for ever. */
export function daysLeft({ expires }: LicenceTerms, now: Date): number | null {
  if (expires === null) return null;
  const days = (endOfDay(expires) - endOfDay(dateOf(now))) / DAY_MS + 1;
  return Math.max(days, 0);
}
