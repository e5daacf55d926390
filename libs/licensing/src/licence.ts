/** Why a licence key does not hold, in the order of the checks (docs/licences.md). */
export const LICENCE_REASONS = [
  'missing',
  'format',
  'key',
  'signature',
  'plugin',
  'instance',
  'expired',
  'updates',
] as const;

export type LicenceReason = (typeof LICENCE_REASONS)[number];

/** `hmac`: the first form, made and verified with one secret. `ed25519`: the second, verified with a public key. */
export type LicenceForm = 'hmac' | 'ed25519';

/** What a key says. Dates are `YYYY-MM-DD` and count to the end of that day in UTC. */
export interface LicenceTerms {
  readonly form: LicenceForm;
  /** UUID v4 in lower case. */
  readonly instanceId: string;
  /** The last day; null: never. */
  readonly expires: string | null;
  /** Empty in the first form, which has none. */
  readonly features: readonly string[];
  /** These are of the second form alone. */
  readonly id?: string;
  readonly plugin?: string;
  readonly customer?: string;
  readonly issued?: string;
  /** Versions released up to this day may be used; null: every version. */
  readonly updatesUntil?: string | null;
}

export interface Refusal {
  readonly ok: false;
  readonly reason: LicenceReason;
  /** What is wrong and what to do about it, as one or two sentences. */
  readonly message: string;
}

export type Verdict = { readonly ok: true; readonly terms: LicenceTerms } | Refusal;

const INSTANCE_ID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** UUID v4 in lower case, as hosts make and show it. */
export function isInstanceId(text: string): boolean {
  return INSTANCE_ID.test(text);
}

export function refused(reason: LicenceReason, message: string): Refusal {
  return { ok: false, reason, message };
}
