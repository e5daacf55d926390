/** A request target that is in canonical form, or why it is not. */
export type CanonicalPath =
  | { readonly ok: true; readonly path: string; readonly query: string }
  | { readonly ok: false; readonly reason: string };

/**
 * The one string that decides both authorisation and routing (RTE-4): the path of a request target exactly as it was
 * sent, or a refusal. Nothing is normalised, so no two readers of the path can disagree on what it means:
 * - origin form only, visible ASCII only;
 * - no empty segment but a last one, no `.` or `..` segment, plain or encoded;
 * - no encoded slash, backslash or NUL, nor any of these encoded twice, no plain backslash;
 * - every `%` begins a byte in hexadecimal.
 *
 * `query` is what follows, with its `?`, or the empty string; it is not looked at beyond its characters.
 */
export function canonicalPath(target: string): CanonicalPath {
  if (target.charCodeAt(0) !== SLASH) return refuse('it must begin with a slash');
  let pathEnd = target.length;
  let simple = true;
  for (let i = 0; i < target.length; i++) {
    const c = target.charCodeAt(i);
    if (c <= 0x20 || c >= 0x7f) return refuse('it has characters that must be percent-encoded');
    if (pathEnd !== target.length) continue;
    if (c === QUESTION) pathEnd = i;
    else if (c === HASH) return refuse('it has a fragment');
    else if (c === BACKSLASH) return refuse('it has a backslash');
    else if (c === PERCENT || (c === DOT && target.charCodeAt(i - 1) === SLASH)) simple = false;
    else if (c === SLASH && i > 0 && target.charCodeAt(i - 1) === SLASH) return refuse('it has an empty segment');
  }
  const path = target.slice(0, pathEnd);
  if (!simple) {
    const reason = oddity(path);
    if (reason !== undefined) return refuse(reason);
  }
  return { ok: true, path, query: target.slice(pathEnd) };
}

const SLASH = 0x2f;
const QUESTION = 0x3f;
const HASH = 0x23;
const BACKSLASH = 0x5c;
const PERCENT = 0x25;
const DOT = 0x2e;

function oddity(path: string): string | undefined {
  if (/%(?![0-9a-f]{2})/i.test(path)) return 'it has a percent sign that begins no encoded byte';
  if (/%(?:25)*(?:2f|5c|00)/i.test(path)) return 'it has an encoded slash, backslash or NUL';
  if (/\/(?:\.|%(?:25)*2e){1,2}(?:\/|$)/i.test(path)) return 'it has a dot segment';
  return undefined;
}

function refuse(reason: string): CanonicalPath {
  return { ok: false, reason };
}
