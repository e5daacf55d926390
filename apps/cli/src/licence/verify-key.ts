import {
  inspectLicence,
  verifyEd25519Licence,
  verifyHmacLicence,
  type Ed25519PublicKey,
  type HmacSecret,
  type Verdict,
} from '@toru/licensing';

export type VerifyingMaterial =
  | { readonly form: 'hmac'; readonly secret: HmacSecret }
  | { readonly form: 'ed25519'; readonly publicKeys: readonly Ed25519PublicKey[] };

export interface Expected {
  /** What is not given is taken from the key itself, and is not compared so. */
  readonly instanceId?: string | undefined;
  readonly plugin?: string | undefined;
  readonly released?: string | undefined;
  readonly now: Date;
}

/** What a plugin would say of a key, as far as it is told what the plugin knows. */
export function verifyKey(key: string, material: VerifyingMaterial, expected: Expected): Verdict {
  const claimed = inspectLicence(key);
  const { released, now } = expected;
  const instanceId = expected.instanceId ?? (claimed.ok ? claimed.terms.instanceId : '');
  if (material.form === 'hmac') return verifyHmacLicence(key, { secret: material.secret, instanceId, now });
  const pluginId = expected.plugin ?? (claimed.ok ? (claimed.terms.plugin ?? '') : '');
  return verifyEd25519Licence(key, { publicKeys: material.publicKeys, pluginId, instanceId, released, now });
}
