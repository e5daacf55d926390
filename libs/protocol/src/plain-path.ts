import type { JsonValue } from '@toru/contracts';

/** What a path in the metadata may have, in characters. */
export const MAX_PATH_CHARS = 256;
/** Segments of what a canonical path can hold unencoded, then perhaps `/*` or `/`. */
const PLAIN_PATH = /^(?:\/[A-Za-z0-9._~!$&'()+,;=:@-]+)*(?:\/\*?)?$/;

/** Whether a value is a path, or a pattern of paths, that has one reading. */
export function isPlainPath(value: JsonValue | undefined): value is string {
  if (typeof value !== 'string' || value === '' || value.length > MAX_PATH_CHARS) return false;
  return PLAIN_PATH.test(value) && !value.split('/').some((segment) => segment === '.' || segment === '..');
}
