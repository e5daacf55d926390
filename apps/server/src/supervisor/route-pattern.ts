/** A longer pattern is cut: no client may fill the memory with it. */
const MAX_LENGTH = 200;
const MAX_SEGMENTS = 12;
/** Digits, a UUID, or a long run of hexadecimal digits: what names one thing among many of its kind. */
const ID = /^(?:\d+|[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|[0-9a-f]{8,})$/i;

/**
 * The route of a request: its method, and its path below the plugin's route with each id as `*`. `GET /items/42/` and
 * `GET /items/7` are one.
 */
export function routePattern(method: string, path: string): string {
  const segments = path.split('/').filter((segment) => segment !== '');
  const general = segments.slice(0, MAX_SEGMENTS).map((segment) => (ID.test(segment) ? '*' : segment));
  if (segments.length > MAX_SEGMENTS) general.push('**');
  return `${method} /${general.join('/')}`.slice(0, MAX_LENGTH);
}
