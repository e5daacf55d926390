import { ReceiveStream, type IncomingRequest } from '@toru/protocol';

/** The origin of every `request.url`: what counts is the path. */
const ORIGIN = 'http://plugin';

const BODILESS_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD']);

/**
 * A request's own signal is but loosely tied to the one that it was made with: a handler that keeps `request.signal`
 * alone would hear nothing any more once the request is collected as garbage. So a request lives as long as the signal.
 */
const kept = new WeakMap<AbortSignal, Request>();

/** The path and query below the plugin's route, however the request came in (protocol v2 §5). */
export function routePath({ path, base }: Pick<IncomingRequest, 'path' | 'base'>): string {
  const prefix = base.replace(/\/$/, '');
  if (prefix === '' || !path.startsWith(prefix)) return path;
  const rest = path.slice(prefix.length);
  if (rest === '' || rest.startsWith('?')) return `/${rest}`;
  return rest.startsWith('/') ? rest : path;
}

/**
 * The request in the shape of the Fetch standard. The body is read from the host as the handler reads it. Throws
 * `TypeError` for what that standard does not know: the methods CONNECT, TRACE and TRACK, or a path without a slash.
 */
export function toFetchRequest(incoming: IncomingRequest): Request {
  const path = routePath(incoming);
  if (!path.startsWith('/')) throw new TypeError('The path of a request must begin with a slash');
  const isBodiless = incoming.upgrade || BODILESS_METHODS.has(incoming.method.toUpperCase());
  const body = isBodiless ? undefined : incoming.body;
  // The stream of an upgrade is for the WebSocket, if it becomes one.
  if (isBodiless && !incoming.upgrade && incoming.body instanceof ReceiveStream) incoming.body.cancel();
  const { signal } = incoming;
  const request = new Request(ORIGIN + path, {
    method: incoming.method,
    headers: toFetchHeaders(incoming.headers),
    signal,
    ...(body !== undefined && { body: body instanceof ReceiveStream ? body.toWeb() : body, duplex: 'half' }),
  });
  kept.set(signal, request);
  return request;
}

function toFetchHeaders(headers: IncomingRequest['headers']): Headers {
  const result = new Headers();
  for (const [name, value] of headers) {
    if (typeof value === 'string') result.append(name, value);
    else if (name === 'cookie') result.append(name, value.join('; '));
    else for (const each of value) result.append(name, each);
  }
  return result;
}
