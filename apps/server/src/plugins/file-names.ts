import { createHash } from 'node:crypto';
import { RESERVED_IDS } from '@toru/contracts';

/** The longest id (protocol §1), in characters. */
const MAX_ID_LENGTH = 64;
/** How many hexadecimal digits tell apart two files whose names read the same; more only where that is not enough. */
const HASH_LENGTH = 8;
const MAX_HASH_LENGTH = 62;

/** Whether a text is an id (protocol §1); upper-case letters are accepted from existing plugins. */
export function isPluginId(text: string): boolean {
  return text.length <= MAX_ID_LENGTH && /^[a-z0-9][a-z0-9-]*$/i.test(text);
}

/**
 * A file name as it may be shown and logged: control, formatting (bidi, zero-width) and unassigned characters appear as
 * their code points, so that a name can neither forge a line nor look like another one.
 */
export function displayName(name: string): string {
  return name.replace(/[\p{C}\p{Zl}\p{Zp}\ufffd]/gu, (c) => `\\u{${(c.codePointAt(0) ?? 0).toString(16)}}`);
}

/**
 * An id for a file that has none of its own, made from its name, in the alphabet of ids and unlike every id in `taken`
 * (lower case). The same name gets the same id as long as nothing else takes it.
 */
export function idFromFileName(name: string, taken: ReadonlySet<string>): string {
  const readable = name
    .replace(/\.binary$/i, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, MAX_ID_LENGTH)
    .replace(/^-+|-+$/g, '');
  if (readable !== '' && !taken.has(readable) && !RESERVED_IDS.includes(readable)) return readable;
  const hash = createHash('sha256').update(name).digest('hex');
  const stem = readable === '' ? 'file' : readable;
  for (let length = HASH_LENGTH; length < MAX_HASH_LENGTH; length++) {
    const id = `${stem.slice(0, MAX_ID_LENGTH - length - 1)}-${hash.slice(0, length)}`;
    if (!taken.has(id)) return id;
  }
  return hash;
}
