import { matchesPath } from '../common';

/**
 * Whether a plugin has declared a path public (RTE-5). Patterns are compared character by character; a last segment
 * `*` stands for one or more segments.
 *
 * A path that some decoder could read in another way is never public: one with matrix parameters (`/hook/..;/admin`),
 * or with encoded bytes that are not UTF-8 or stand for control characters.
 * @param rest what follows the plugin's name in a canonical path, empty or from its slash on
 */
export function isPublicPath(patterns: readonly string[], rest: string): boolean {
  if (patterns.length === 0) return false;
  const path = rest === '' ? '/' : rest;
  for (const pattern of patterns) {
    if (matchesPath(pattern, path)) return hasOneReading(path);
  }
  return false;
}

function hasOneReading(path: string): boolean {
  let decoded = path;
  if (path.includes('%')) {
    try {
      decoded = decodeURIComponent(path);
    } catch {
      return false;
    }
  }
  // eslint-disable-next-line no-control-regex -- control characters are what it looks for
  return !/[;\u0000-\u001f\u007f]/.test(decoded);
}
