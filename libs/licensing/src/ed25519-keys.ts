import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  verify,
  type KeyObject,
} from 'node:crypto';
import { decodeCanonical } from './base64';

/** 32 bytes, or their padded Base64. */
export type Ed25519PublicKey = string | Uint8Array;

/** What a vendor keeps: it makes keys of the second form. */
export interface SigningKey {
  readonly keyId: string;
  readonly privateKey: KeyObject;
  /** Padded Base64 of 32 bytes: what plugins embed. */
  readonly publicKey: string;
}

export interface VerifyingKey {
  readonly keyId: string;
  /** 32. */
  readonly bytes: Buffer;
}

const PUBLIC_KEY_BYTES = 32;

/** The first 16 hexadecimal digits of SHA-256 of the public key's 32 bytes. */
export function keyIdOf(publicKey: Uint8Array): string {
  return createHash('sha256').update(publicKey).digest('hex').slice(0, 16);
}

export function generateSigningKey(): SigningKey {
  return signingKeyOf(generateKeyPairSync('ed25519').privateKey);
}

/** PKCS #8 in PEM. Its reader is to be the vendor alone: mode 0600. */
export function signingKeyPem({ privateKey }: SigningKey): string {
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

export type SigningKeyResult =
  { readonly ok: true; readonly signingKey: SigningKey } | { readonly ok: false; readonly message: string };

/** Reads a private key that is not encrypted. */
export function readSigningKey(pem: string): SigningKeyResult {
  let privateKey: KeyObject;
  try {
    privateKey = createPrivateKey({ key: pem, format: 'pem' });
  } catch {
    return { ok: false, message: 'is no private key in PEM (PKCS #8, without a pass phrase)' };
  }
  if (privateKey.asymmetricKeyType !== 'ed25519') {
    return { ok: false, message: `is a key for ${privateKey.asymmetricKeyType ?? 'something else'}, not for Ed25519` };
  }
  return { ok: true, signingKey: signingKeyOf(privateKey) };
}

/** Throws `TypeError` for what is no public key: it is in the plugin, and not what a customer entered. */
export function verifyingKeyOf(key: Ed25519PublicKey): VerifyingKey {
  const bytes = typeof key === 'string' ? decodeCanonical(key, 'base64') : Buffer.from(key);
  if (bytes?.length !== PUBLIC_KEY_BYTES) {
    throw new TypeError('A public key for licences is 32 bytes, or their Base64 with padding (44 characters)');
  }
  return { keyId: keyIdOf(bytes), bytes };
}

export function hasSigned({ bytes }: VerifyingKey, text: string, signature: Uint8Array): boolean {
  const jwk = { kty: 'OKP', crv: 'Ed25519', x: bytes.toString('base64url') };
  return verify(null, Buffer.from(text), createPublicKey({ key: jwk, format: 'jwk' }), signature);
}

function signingKeyOf(privateKey: KeyObject): SigningKey {
  const { x = '' } = createPublicKey(privateKey).export({ format: 'jwk' });
  const bytes = Buffer.from(x, 'base64url');
  return { keyId: keyIdOf(bytes), privateKey, publicKey: bytes.toString('base64') };
}
