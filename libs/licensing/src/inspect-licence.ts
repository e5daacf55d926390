import { NOT_A_KEY } from './checks';
import { ED25519_PREFIX, splitEd25519Licence } from './ed25519-licence';
import { readPayload } from './ed25519-payload';
import { parseHmacLicence } from './hmac-licence';
import type { LicenceTerms, Refusal } from './licence';

export type Inspection = { readonly ok: true; readonly terms: LicenceTerms; readonly keyId?: string } | Refusal;

/**
 * What a key says of itself, of either form, without any proof that it is true: anybody can write such a text. For showing it
 * to people; only a verifier may decide by it.
 */
export function inspectLicence(key: string): Inspection {
  if (!key.startsWith(ED25519_PREFIX)) {
    const parsed = parseHmacLicence(key);
    return parsed === undefined ? NOT_A_KEY : { ok: true, terms: parsed.terms };
  }
  const parsed = splitEd25519Licence(key);
  const terms = parsed && readPayload(parsed.payload);
  return parsed && terms ? { ok: true, terms, keyId: parsed.keyId } : NOT_A_KEY;
}
