import type { IncomingHttpHeaders } from 'node:http';
import { credentialOf } from './credentials';

/** What the verdict depends on beside the request itself. */
export interface CsrfContext {
  /** `TORU_PUBLIC_URL`: the origin that browsers see when a proxy stands in front. */
  readonly publicUrl?: string | undefined;
  /** Also judge a request without a session cookie: sign-in, where the cookie is what an attacker wants to plant. */
  readonly always?: boolean;
  /** Whatever the method: a WebSocket handshake is a GET that other sites' pages can make and read the answer to. */
  readonly handshake?: boolean;
}

export type CsrfVerdict = { readonly allowed: true } | { readonly allowed: false; readonly reason: string };

const ALLOWED: CsrfVerdict = { allowed: true };
const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);
const OWN_SITES: ReadonlySet<string> = new Set(['same-origin', 'none']);

/**
 * Whether a request that changes something may be made with the caller's cookie (faults 27). Pure; the guard and the
 * gateway's fast path ask it.
 *
 * Browsers say where a request comes from, in `Sec-Fetch-Site` or at least in `Origin`, and no page can forge either.
 * A client that sends neither must show something that a form of another site cannot produce: `X-Requested-With`, or
 * a JSON body. Bearer tokens are exempt: no browser adds them by itself.
 */
export function csrfVerdict(method: string, headers: IncomingHttpHeaders, context: CsrfContext): CsrfVerdict {
  if (context.handshake !== true && isSafeMethod(method)) return ALLOWED;
  if (context.always !== true && !travelsByItself(headers)) return ALLOWED;

  const { origin } = headers;
  if (origin === 'null') return refused('its origin is opaque (a sandboxed page or a file)');

  const site = headers['sec-fetch-site'];
  if (site !== undefined) {
    return OWN_SITES.has(site) ? ALLOWED : refused('the browser says that another site made it');
  }
  if (origin !== undefined) {
    return isOwnOrigin(origin, headers.host, context.publicUrl)
      ? ALLOWED
      : refused('its Origin is not this host; behind a proxy set TORU_PUBLIC_URL to the address that browsers use');
  }
  return headers['x-requested-with'] !== undefined || isJson(headers['content-type'])
    ? ALLOWED
    : refused('it says nothing about where it comes from: send X-Requested-With, or use an API token');
}

/** Methods that change nothing. */
export function isSafeMethod(method: string): boolean {
  return SAFE_METHODS.has(method.toUpperCase());
}

/** The media type of a JSON body, which a form cannot have. */
export function isJson(contentType: string | undefined): boolean {
  return contentType?.split(';', 1)[0]?.trim().toLowerCase() === 'application/json';
}

function travelsByItself(headers: IncomingHttpHeaders): boolean {
  return credentialOf(headers).kind === 'session';
}

function isOwnOrigin(origin: string, host: string | undefined, publicUrl: string | undefined): boolean {
  const parsed = parseOrigin(origin);
  if (parsed === undefined) return false;
  if (publicUrl !== undefined && parseOrigin(publicUrl)?.origin === parsed.origin) return true;
  if (host === undefined) return false;
  // the host's own scheme is unknown behind a proxy, so names and ports are compared under the origin's
  return parseOrigin(`${parsed.protocol}//${host}`)?.host === parsed.host;
}

function parseOrigin(text: string): URL | undefined {
  try {
    const url = new URL(text);
    const plain = url.pathname === '/' && url.search === '' && url.hash === '' && url.username === '';
    return plain && (url.protocol === 'http:' || url.protocol === 'https:') ? url : undefined;
  } catch {
    return undefined;
  }
}

function refused(why: string): CsrfVerdict {
  return { allowed: false, reason: `The request was refused because ${why}.` };
}
