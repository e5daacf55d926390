/** The longest key that a plugin is handed, in characters: what the longer of the two documented forms may have. */
export const MAX_KEY_CHARACTERS = 4_096;
/** A shorter key is shown not at all: eight known characters of it would be too many. */
const MIN_MASKED_CHARACTERS = 24;
const SHOWN_CHARACTERS = 4;

export type ParsedKey = { readonly ok: true; readonly key: string } | { readonly ok: false; readonly problem: string };

/**
 * A key as it was entered or as it stands in a file: one line of printable ASCII, without the white space around it. Which
 * form it has is the plugin's business. A problem never has a part of the key.
 */
export function parseKey(text: string): ParsedKey {
  const key = text.replace(/^\ufeff/, '').trim();
  if (key === '') return { ok: false, problem: 'it is empty' };
  if (/[\r\n]/.test(key)) return { ok: false, problem: 'it has several lines, and a key is one line' };
  if (!/^[\x20-\x7e]+$/.test(key)) {
    return { ok: false, problem: 'it has characters that no key has; keys are printable ASCII' };
  }
  if (key.length > MAX_KEY_CHARACTERS) {
    return { ok: false, problem: `it is longer than ${MAX_KEY_CHARACTERS} characters` };
  }
  return { ok: true, key };
}

/** What may be shown of a key: enough to tell two of them apart, and too little to use one. */
export function maskKey(key: string): string {
  if (key.length < MIN_MASKED_CHARACTERS) return '••••••••';
  return `${key.slice(0, SHOWN_CHARACTERS)}…${key.slice(-SHOWN_CHARACTERS)}`;
}
