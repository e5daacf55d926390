const PREFIX = '/api/plugins/route';

/**
 * The address of a path below a plugin's route, in the form that the host forwards with the route stripped (RTE-2).
 * @param route `/` and one segment, from the plugin's metadata
 * @throws TypeError for anything that is not plainly below the route
 */
export function pluginRouteUrl(route: string, path: string): string {
  const base = `${PREFIX}/${encodeURIComponent(route.replace(/^\//, ''))}`;
  if (typeof path !== 'string') throw new TypeError('The path must be a string.');
  // eslint-disable-next-line no-control-regex -- browsers drop some control characters silently, so none may pass
  if (/[\u0000-\u001f\u007f\\]/.test(path)) throw refused(path);
  if (/^\s*[a-z][a-z0-9+.-]*:/i.test(path) || path.trimStart().startsWith('//')) throw refused(path);

  const [pathname, rest] = splitAt(path, /[?#]/);
  if (pathname.split('/').some(isDotSegment)) throw refused(path);
  const below = pathname === '' || pathname.startsWith('/') ? pathname : `/${pathname}`;
  const query = rest.split('#')[0] ?? '';
  return `${base}${below}${query}`;
}

/** `.` and `..`, also percent-encoded: URL parsers collapse those as well. */
function isDotSegment(segment: string): boolean {
  const plain = segment.replace(/%2e/gi, '.');
  return plain === '.' || plain === '..';
}

function splitAt(text: string, separator: RegExp): [string, string] {
  const index = text.search(separator);
  return index < 0 ? [text, ''] : [text.slice(0, index), text.slice(index)];
}

function refused(path: string): TypeError {
  return new TypeError(`The path "${path}" is refused: use a path below the plugin's route, such as "/items?page=2".`);
}
