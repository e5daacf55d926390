import type { LicenceReason } from '../licence';

/** One file of `libs/contracts/vectors/licences` is a list of these; its README has the meaning of each member. */
export interface LicenceVector {
  readonly name: string;
  readonly key: string;
  readonly secret?: string;
  readonly public_keys?: readonly string[];
  readonly plugin?: string;
  readonly instance: string;
  readonly released?: string;
  /** RFC 3339 in UTC. */
  readonly now: string;
  readonly expect: 'ok' | LicenceReason;
  readonly terms?: Readonly<Record<string, unknown>>;
}

/** The installation that the keys of the vectors are for, and another. */
export const INSTANCE = '3f8e2a64-5b1c-4d7e-9a02-c6d41b7f0e58';
export const OTHER_INSTANCE = '3f8e2a64-5b1c-4d7e-9a02-c6d41b7f0e59';

export const NOW = '2026-11-21T12:00:00Z';

/** Texts in the place of a date which are none, with what is wrong. */
export const NO_DATES: readonly (readonly [string, string])[] = [
  ['30 February', '2026-02-30'],
  ['29 February of a common year', '2023-02-29'],
  ['29 February of 1900, which was no leap year', '1900-02-29'],
  ['29 February of 2100, which will be no leap year', '2100-02-29'],
  ['31 April', '2027-04-31'],
  ['month 00', '2027-00-10'],
  ['month 13', '2027-13-01'],
  ['day 00', '2027-01-00'],
  ['day 32', '2027-01-32'],
  ['year 0000', '0000-01-01'],
  ['year 10000', '10000-01-01'],
  ['a year with a sign', '+2027-01-01'],
  ['one digit for month and day', '2027-1-1'],
  ['two digits for the year', '27-01-01'],
  ['slashes', '2027/01/01'],
  ['no hyphens', '20270101'],
  ['a date with a time', '2027-01-01T00:00:00Z'],
  ['a week date', '2027-W01-1'],
  ['Arabic-Indic digits', '\u0662\u0660\u0662\u0667-\u0660\u0661-\u0660\u0661'],
  ['full-width digits', '\uff12\uff10\uff12\uff17-01-01'],
  ['a date with a space before it', ' 2027-01-01'],
  ['a date with a line end', '2027-01-01\n'],
  ['an empty text', ''],
];
