export type Base64Alphabet = 'base64' | 'base64url';

/**
 * The bytes of a canonical text of RFC 4648: `base64` with padding, `base64url` without. Undefined for any other text: Node's
 * decoder takes what is nearly Base64 too, and then one key would have many spellings.
 */
export function decodeCanonical(text: string, alphabet: Base64Alphabet): Buffer | undefined {
  const bytes = Buffer.from(text, alphabet);
  return bytes.toString(alphabet) === text ? bytes : undefined;
}
