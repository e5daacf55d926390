import { isCalendarDate } from './calendar-date';
import { isInstanceId, type LicenceTerms } from './licence';

/** The terms of a key of the second form, all there. */
export type Ed25519Terms = LicenceTerms & Required<LicenceTerms> & { readonly form: 'ed25519' };

const LICENCE_ID = /^[A-Za-z0-9._-]{1,64}$/;
/** Upper-case letters are accepted from existing plugins, as in their metadata. */
const PLUGIN_ID = /^[A-Za-z0-9][A-Za-z0-9-]{0,63}$/;
const FEATURE = /^[a-z0-9][a-z0-9._-]{0,63}$/;
const MAX_FEATURES = 64;
const MAX_CUSTOMER_CHARACTERS = 200;
/** Control characters, and halves of a pair. */
const UNFIT = /[\p{Cc}\p{Cs}]/u;

const isText = (pattern: RegExp) => (value: unknown) => typeof value === 'string' && pattern.test(value);
const isDate = (value: unknown): boolean => typeof value === 'string' && isCalendarDate(value);
const isDateOrNull = (value: unknown): boolean => value === null || isDate(value);

/** The members of a payload, in the order in which issuers write them, and what each may be. */
const MEMBERS = {
  id: { holds: isText(LICENCE_ID), rule: 'is 1 to 64 of A-Z a-z 0-9 . _ -' },
  plugin: { holds: isPluginId, rule: 'is the id of a plugin: letters, digits and hyphens' },
  instance: {
    holds: (value: unknown) => typeof value === 'string' && isInstanceId(value),
    rule: 'is a UUID v4 in lower case, as `toru instance` shows it',
  },
  customer: { holds: isCustomer, rule: 'is 1 to 200 characters without control characters' },
  issued: { holds: isDate, rule: 'is a date that exists, as YYYY-MM-DD' },
  expires: { holds: isDateOrNull, rule: 'is a date that exists, as YYYY-MM-DD, or none' },
  updates_until: { holds: isDateOrNull, rule: 'is a date that exists, as YYYY-MM-DD, or none' },
  features: { holds: areFeatures, rule: 'is at most 64 names such as reports or reports.pdf: a-z 0-9 . _ -' },
} as const;

type Member = keyof typeof MEMBERS;
type Payload = Record<Member, unknown>;
type HeldPayload = Readonly<Record<'id' | 'plugin' | 'instance' | 'customer' | 'issued', string>> &
  Readonly<Record<'expires' | 'updates_until', string | null>> & { readonly features: readonly string[] };

const NAMES = Object.keys(MEMBERS) as Member[];

/** Compact JSON with the members in their order; or the first of them that does not hold. */
export function writePayload(
  terms: Ed25519Terms,
):
  | { readonly ok: true; readonly json: string }
  | { readonly ok: false; readonly field: Member; readonly message: string } {
  const { id, plugin, instanceId: instance, customer, issued, expires, updatesUntil: updates_until, features } = terms;
  const payload: Payload = { id, plugin, instance, customer, issued, expires, updates_until, features };
  const field = NAMES.find((name) => !MEMBERS[name].holds(payload[name]));
  if (field !== undefined) return { ok: false, field, message: MEMBERS[field].rule };
  return { ok: true, json: JSON.stringify(payload, NAMES) };
}

/** Undefined where the bytes are no JSON object in UTF-8, or a member is missing or not what it may be; others are ignored. */
export function readPayload(bytes: Uint8Array): Ed25519Terms | undefined {
  const json = parseJson(bytes);
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return undefined;
  if (!NAMES.every((name) => Object.hasOwn(json, name) && MEMBERS[name].holds((json as Payload)[name])))
    return undefined;
  const { features, instance: instanceId, updates_until: updatesUntil, ...others } = json as HeldPayload;
  const { id, plugin, customer, issued, expires } = others;
  return { form: 'ed25519', id, plugin, instanceId, customer, issued, expires, updatesUntil, features };
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    // a byte order mark stays, and is no JSON
    return JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)) as unknown;
  } catch {
    return undefined;
  }
}

export function isPluginId(value: unknown): boolean {
  return typeof value === 'string' && PLUGIN_ID.test(value);
}

/** Characters are code points. */
export function isCustomer(value: unknown): boolean {
  if (typeof value !== 'string' || UNFIT.test(value)) return false;
  const { length } = Array.from(value);
  return length >= 1 && length <= MAX_CUSTOMER_CHARACTERS;
}

function areFeatures(value: unknown): boolean {
  return Array.isArray(value) && value.length <= MAX_FEATURES && value.every(isText(FEATURE));
}
