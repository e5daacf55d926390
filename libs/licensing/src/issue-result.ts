import type { LicenceTerms } from './licence';

/** A key, or which field of the order cannot be in one: `message` goes after its name, as in "expires is a date …". */
export type IssueResult =
  | { readonly ok: true; readonly key: string; readonly terms: LicenceTerms }
  | { readonly ok: false; readonly field: string; readonly message: string };
