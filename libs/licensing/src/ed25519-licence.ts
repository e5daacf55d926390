import { sign } from 'node:crypto';
import { decodeCanonical } from './base64';
import { isCalendarDate } from './calendar-date';
import { checkExpiry, checkInstance, NOT_A_KEY } from './checks';
import { hasSigned, verifyingKeyOf, type Ed25519PublicKey, type SigningKey } from './ed25519-keys';
import { readPayload, writePayload, type Ed25519Terms } from './ed25519-payload';
import type { IssueResult } from './issue-result';
import { refused, type Refusal, type Verdict } from './licence';

export interface Ed25519Check {
  /** Each that the vendor signs with or has signed with. */
  readonly publicKeys: readonly Ed25519PublicKey[];
  readonly pluginId: string;
  readonly instanceId: string;
  /** When this version of the plugin was released, `YYYY-MM-DD`. Without it `updates_until` cannot be held against anybody. */
  readonly released?: string | undefined;
  readonly now: Date;
}

export type Ed25519Order = Omit<Ed25519Terms, 'form'> & { readonly signingKey: SigningKey };

interface Ed25519Key {
  readonly keyId: string;
  readonly signed: string;
  readonly payload: Buffer;
  readonly signature: Buffer;
}

export const ED25519_PREFIX = 'TORU2.';
const MAX_CHARACTERS = 4096;
const SIGNATURE_BYTES = 64;
const SHAPE = /^TORU2\.([0-9a-f]{16})\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)$/;

/**
 * LIC-6: `TORU2.<key id>.<payload>.<signature>`. That it is Ed25519 is said by the prefix; nothing in the payload is read
 * before the signature holds. Throws `TypeError` for a public key or a release date that is none: both are in the plugin.
 */
export function verifyEd25519Licence(key: string, check: Ed25519Check): Verdict {
  const { publicKeys, pluginId, instanceId, released, now } = check;
  if (released !== undefined && !isCalendarDate(released)) {
    throw new TypeError(`The release date "${released}" is no date that exists, as YYYY-MM-DD`);
  }
  const known = publicKeys.map(verifyingKeyOf);
  const parsed = splitEd25519Licence(key);
  if (parsed === undefined) return NOT_A_KEY;
  const candidates = known.filter(({ keyId }) => keyId === parsed.keyId);
  if (candidates.length === 0) {
    return refused(
      'key',
      'The licence key was signed with a key that this version of the plugin does not know: ask the vendor for a new licence key, or install the version that it was made for',
    );
  }
  if (!candidates.some((candidate) => hasSigned(candidate, parsed.signed, parsed.signature))) {
    return refused(
      'signature',
      'The licence key was not issued by the vendor of this plugin, or was changed: ask for it again',
    );
  }
  const terms = readPayload(parsed.payload);
  if (terms === undefined) return NOT_A_KEY;
  return (
    checkPlugin(terms, pluginId) ??
    checkInstance(terms, instanceId) ??
    checkExpiry(terms, now) ??
    checkUpdates(terms, released) ?? { ok: true, terms }
  );
}

export function issueEd25519Licence({ signingKey, ...order }: Ed25519Order): IssueResult {
  const terms: Ed25519Terms = { form: 'ed25519', ...order };
  const payload = writePayload(terms);
  if (!payload.ok) return payload;
  const signed = `${ED25519_PREFIX}${signingKey.keyId}.${Buffer.from(payload.json).toString('base64url')}`;
  const key = `${signed}.${sign(null, Buffer.from(signed), signingKey.privateKey).toString('base64url')}`;
  if (key.length > MAX_CHARACTERS) {
    return {
      ok: false,
      field: 'features',
      message: `make a key of ${key.length} characters, and ${MAX_CHARACTERS} is the most`,
    };
  }
  return { ok: true, key, terms };
}

/** The parts of a key by its shape. Undefined where the text has not the shape of one. */
export function splitEd25519Licence(key: string): Ed25519Key | undefined {
  if (key.length > MAX_CHARACTERS) return undefined;
  const [, keyId, payloadText, signatureText] = SHAPE.exec(key) ?? [];
  if (keyId === undefined || payloadText === undefined || signatureText === undefined) return undefined;
  const payload = decodeCanonical(payloadText, 'base64url');
  const signature = decodeCanonical(signatureText, 'base64url');
  if (payload === undefined || signature?.length !== SIGNATURE_BYTES) return undefined;
  return { keyId, signed: `${ED25519_PREFIX}${keyId}.${payloadText}`, payload, signature };
}

/** Ids of plugins are compared without case, as everywhere in the host. */
function checkPlugin({ plugin }: Ed25519Terms, pluginId: string): Refusal | undefined {
  if (plugin.toLowerCase() === pluginId.toLowerCase()) return undefined;
  return refused(
    'plugin',
    `The licence is for the plugin ${plugin}, and this is ${pluginId}: enter the key of ${pluginId}`,
  );
}

function checkUpdates({ updatesUntil }: Ed25519Terms, released: string | undefined): Refusal | undefined {
  if (updatesUntil === null || released === undefined || released <= updatesUntil) return undefined;
  return refused(
    'updates',
    `The licence covers versions released up to ${updatesUntil}, and this one was released on ${released}: install an earlier version, or ask the vendor for a new key`,
  );
}
