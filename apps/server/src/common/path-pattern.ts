/**
 * Whether a path matches a pattern of the metadata, compared character by character: a last segment `*` stands for one or
 * more segments.
 */
export function matchesPath(pattern: string, path: string): boolean {
  if (!pattern.endsWith('/*')) return pattern === path;
  return path.length >= pattern.length && path.startsWith(pattern.slice(0, -1));
}
