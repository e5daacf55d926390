import { createHmac, timingSafeEqual } from 'node:crypto';
import { decodeCanonical } from './base64';
import { isCalendarDate } from './calendar-date';
import { checkExpiry, checkInstance, NOT_A_KEY } from './checks';
import type { IssueResult } from './issue-result';
import { isInstanceId, refused, type LicenceTerms, type Verdict } from './licence';

/** Bytes, or text that counts as UTF-8. Never empty. */
export type HmacSecret = string | Uint8Array;

export interface HmacCheck {
  readonly secret: HmacSecret;
  readonly instanceId: string;
  readonly now: Date;
}

export interface HmacOrder {
  readonly secret: HmacSecret;
  readonly instanceId: string;
  /** `YYYY-MM-DD`; null: never. */
  readonly expires: string | null;
}

interface HmacKey {
  readonly signed: string;
  readonly signature: Buffer;
  readonly terms: LicenceTerms;
}

const NEVER = 'never';
const SIGNATURE_BYTES = 32;

/** LIC-2: `base64("<instance_id>:<expiry>:<base64 of the HMAC-SHA256>")`. Throws `TypeError` for a secret of no bytes. */
export function verifyHmacLicence(key: string, { secret, instanceId, now }: HmacCheck): Verdict {
  const bytes = secretBytes(secret);
  const parsed = parseHmacLicence(key);
  if (parsed === undefined) return NOT_A_KEY;
  const { terms, signature, signed } = parsed;
  if (!timingSafeEqual(signature, sign(bytes, signed))) {
    return refused(
      'signature',
      'The licence key was not issued by the vendor of this plugin, or was changed: ask for it again',
    );
  }
  return checkInstance(terms, instanceId) ?? checkExpiry(terms, now) ?? { ok: true, terms };
}

/** Throws `TypeError` for a secret of no bytes. */
export function issueHmacLicence({ secret, instanceId, expires }: HmacOrder): IssueResult {
  const bytes = secretBytes(secret);
  if (!isInstanceId(instanceId)) {
    return { ok: false, field: 'instance', message: 'is a UUID v4 in lower case, as `toru instance` shows it' };
  }
  if (expires !== null && !isCalendarDate(expires)) {
    return { ok: false, field: 'expires', message: 'is a date that exists, as YYYY-MM-DD' };
  }
  const signed = `${instanceId}:${expires ?? NEVER}`;
  const key = Buffer.from(`${signed}:${sign(bytes, signed).toString('base64')}`).toString('base64');
  return { ok: true, key, terms: { form: 'hmac', instanceId, expires, features: [] } };
}

/** Reads a key and proves nothing. Undefined where the text is none. */
export function parseHmacLicence(key: string): HmacKey | undefined {
  // what is not ASCII has no place in any of the fields
  const fields = decodeCanonical(key, 'base64')?.toString('latin1').split(':');
  if (fields?.length !== 3) return undefined;
  const [instanceId = '', expiry = '', signatureText = ''] = fields;
  const signature = decodeCanonical(signatureText, 'base64');
  if (!isInstanceId(instanceId) || signature?.length !== SIGNATURE_BYTES) return undefined;
  if (expiry !== NEVER && !isCalendarDate(expiry)) return undefined;
  const expires = expiry === NEVER ? null : expiry;
  return { signed: `${instanceId}:${expiry}`, signature, terms: { form: 'hmac', instanceId, expires, features: [] } };
}

function sign(secret: Uint8Array, text: string): Buffer {
  return createHmac('sha256', secret).update(text).digest();
}

/** With a secret of no bytes everybody could make keys. */
function secretBytes(secret: HmacSecret): Uint8Array {
  const bytes = typeof secret === 'string' ? Buffer.from(secret) : secret;
  if (bytes.length === 0) throw new TypeError('The secret that licence keys are verified with is empty');
  return bytes;
}
