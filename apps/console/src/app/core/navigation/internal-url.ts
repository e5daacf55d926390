/** A base that no real address has: whatever resolves away from it points outside the console. */
const PROBE_ORIGIN = 'https://console.invalid';

/**
 * Accepts an address inside the console (`/plugins/acme?x=1#y`), null for everything else: other origins, schemes,
 * protocol-relative addresses, backslashes and control characters, which browsers read as something else than they show.
 */
export function internalUrl(value: unknown): string | null {
  // eslint-disable-next-line no-control-regex -- control characters are exactly what is refused here
  if (typeof value !== 'string' || !/^\/(?![/\\])/.test(value) || /[\u0000-\u0020\u007f\\]/.test(value)) return null;
  const url = parse(value);
  if (url === null || url.origin !== PROBE_ORIGIN || url.pathname.startsWith('//')) return null;
  return url.pathname + url.search + url.hash;
}

function parse(value: string): URL | null {
  try {
    return new URL(value, PROBE_ORIGIN);
  } catch {
    return null;
  }
}
