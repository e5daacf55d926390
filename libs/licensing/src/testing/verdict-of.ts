import { verifyEd25519Licence } from '../ed25519-licence';
import { verifyHmacLicence } from '../hmac-licence';
import type { LicenceTerms, Verdict } from '../licence';
import type { LicenceVector } from './licence-vector';

/** What this library says of a vector, or of another key in its place. */
export function verdictOf(vector: LicenceVector, key = vector.key): Verdict {
  const { secret, public_keys: publicKeys = [], plugin = '', instance: instanceId, released } = vector;
  const now = new Date(vector.now);
  if (secret !== undefined) return verifyHmacLicence(key, { secret, instanceId, now });
  return verifyEd25519Licence(key, { publicKeys, pluginId: plugin, instanceId, released, now });
}

/** Terms with the names of the vectors. */
export function vectorTerms(terms: LicenceTerms): Record<string, unknown> {
  const { form, instanceId: instance_id, expires, features, id, plugin, customer, issued, updatesUntil } = terms;
  if (form === 'hmac') return { form, instance_id, expires, features };
  return { form, instance_id, expires, features, id, plugin, customer, issued, updates_until: updatesUntil };
}
