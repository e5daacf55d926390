import { hash, randomBytes, randomInt } from 'node:crypto';

/** What an API token begins with, so that scanners for leaked secrets can find it. */
export const API_TOKEN_PREFIX = 'tsc_';

const SECRET_BYTES = 32;
/** 256 bits in base64url. */
const SECRET = /^[A-Za-z0-9_-]{43}$/;

/** Without the characters that are easily taken for another (l 1 i o 0). */
const READABLE = 'abcdefghjkmnpqrstuvwxyz23456789';
const READABLE_GROUPS = 4;
const READABLE_GROUP_LENGTH = 5;

/** 256 random bits as 43 characters. */
export function newSecret(): string {
  return randomBytes(SECRET_BYTES).toString('base64url');
}

export function isSecret(text: string): boolean {
  return SECRET.test(text);
}

/** What the database keeps of a secret. One round is enough: 256 random bits cannot be guessed. */
export function secretHash(secret: string): string {
  return hash('sha256', secret);
}

/** A password to be read from a terminal: `abcde-fghjk-mnpqr-stuvw`, 99 bits. */
export function readablePassword(): string {
  const group = (): string =>
    Array.from({ length: READABLE_GROUP_LENGTH }, () => READABLE.charAt(randomInt(READABLE.length))).join('');
  return Array.from({ length: READABLE_GROUPS }, group).join('-');
}
