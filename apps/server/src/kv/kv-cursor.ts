import { createHash } from 'node:crypto';
import { AppError } from '../common';
import { MAX_KEY_BYTES } from './kv-limits';

/** A cursor says behind which key the next page begins, so it stays good whatever is deleted meanwhile. */
const MARK_BYTES = 6;
const MAX_CURSOR_CHARS = Math.ceil(((MARK_BYTES + MAX_KEY_BYTES) * 4) / 3);

/** The cursor of a page of keys with this prefix whose last key is `key`. */
export function cursorAfter(prefix: string, key: string): string {
  return Buffer.concat([markOf(prefix, key), Buffer.from(key)]).toString('base64url');
}

/**
 * The key behind which the page begins.
 * @throws AppError `kv_cursor_invalid` when no list with this prefix gave the cursor.
 */
export function keyOfCursor(prefix: string, cursor: string): string {
  const bytes = cursor.length <= MAX_CURSOR_CHARS ? Buffer.from(cursor, 'base64url') : Buffer.alloc(0);
  const key = bytes.subarray(MARK_BYTES).toString();
  // what it would have been for this key: nothing else is taken, so no other spelling of base64 is either
  if (!key.startsWith(prefix) || cursorAfter(prefix, key) !== cursor) {
    throw new AppError(
      'kv_cursor_invalid',
      'The cursor is none that a list with this prefix answered: send it unchanged, or none to begin anew.',
    );
  }
  return key;
}

/** Against cursors of other prefixes and of guesswork. It keeps no secret: a cursor gives nobody more than a prefix does. */
function markOf(prefix: string, key: string): Buffer {
  return createHash('sha256').update(`toru.kv\0${prefix}\0${key}`).digest().subarray(0, MARK_BYTES);
}

/**
 * The first text after all that begin with `prefix`, by the bytes of UTF-8; null where there is none. These bytes are in
 * the order of the code points.
 */
export function endOfPrefix(prefix: string): string | null {
  const points = Array.from(prefix, (character) => character.codePointAt(0) ?? 0);
  for (let last = points.pop(); last !== undefined; last = points.pop()) {
    if (last === 0x10ffff) continue;
    // half of a surrogate pair is no character: after U+D7FF comes U+E000
    points.push(last === 0xd7ff ? 0xe000 : last + 1);
    return String.fromCodePoint(...points);
  }
  return null;
}
