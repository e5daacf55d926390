import type { HttpResponseV1 } from '@toru/contracts';
import { AppError } from '../common';
import { isEndless } from './endless-streams';
import { addConnectionTokens, HOP_BY_HOP } from './header-names';

export interface ResponseFacts {
  readonly requestId: string;
  /** The type of the body where the plugin names none; undefined where there is no body. */
  readonly contentType: string | undefined;
  /** It accepts a WebSocket: nothing that is about documents or caches belongs to it. */
  readonly accepts?: boolean;
}

export interface ResponseHeaders {
  /** Name, value, name, value … in lower case. */
  readonly headers: string[];
  /** What the plugin declared, which is never sent unchecked. */
  readonly contentLength: string | undefined;
}

/** Bounds for what one answer makes a client parse; common clients stop at 16 KiB. */
const MAX_HEADERS = 100;
const MAX_HEADER_CHARS = 16 * 1024;

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9a-z]+$/;
/** Visible ASCII, space and tab. Bytes above have no agreed meaning in HTTP, so they are refused, not guessed. */
const VALUE = /^[\t\x20-\x7e]*$/;

/** What a plugin cannot say for the origin that it shares with the console (faults 22), and what the host says itself. */
const NOT_FORWARDED: ReadonlySet<string> = new Set([
  // counted anew
  'content-length',
  // cookies, storage and scopes of the whole origin
  'set-cookie',
  'set-cookie2',
  'clear-site-data',
  'service-worker-allowed',
  'set-login',
  'accept-ch',
  'critical-ch',
  'origin-agent-cluster',
  // a browser would ask for a password in the console's name
  'www-authenticate',
  // policies
  'content-security-policy',
  'content-security-policy-report-only',
  'x-content-security-policy',
  'x-webkit-csp',
  'cross-origin-embedder-policy',
  'cross-origin-embedder-policy-report-only',
  'cross-origin-opener-policy',
  'cross-origin-opener-policy-report-only',
  'cross-origin-resource-policy',
  'timing-allow-origin',
  'strict-transport-security',
  'expect-ct',
  'public-key-pins',
  'public-key-pins-report-only',
  'x-content-type-options',
  'x-frame-options',
  // where browsers report to, or connect to instead
  'alt-svc',
  'nel',
  'report-to',
  'reporting-endpoints',
  // orders to a proxy in front: which of its files to send instead, whom to ask instead
  'x-accel-redirect',
  'x-lighttpd-send-file',
  'x-sendfile',
  // the host's own
  'date',
  'server',
  'via',
  'x-powered-by',
  'x-request-id',
]);
const HOST_PREFIXES = ['access-control-', 'x-toru-'] as const;

/** A second one of these would let two readers see two different answers. */
const SINGLE: ReadonlySet<string> = new Set([
  'content-disposition',
  'content-encoding',
  'content-location',
  'content-range',
  'content-type',
  'etag',
  'last-modified',
  'location',
  'retry-after',
]);

/**
 * The host's headers on every plugin answer. The sandbox gives a document of the plugin's, opened directly, an origin
 * of its own: its scripts run, but cannot use the console's session or storage (faults 23). It is on every form and
 * type, because SVG and XML are documents too.
 */
const HOST_HEADERS: readonly string[] = [
  'x-content-type-options',
  'nosniff',
  'content-security-policy',
  "sandbox allow-scripts allow-forms allow-popups; frame-ancestors 'self'; object-src 'none'; base-uri 'none'",
  'cross-origin-resource-policy',
  'same-origin',
];

/** Answers may depend on who asks: nobody keeps one unasked, unless the plugin says so. */
const DEFAULT_CACHE_CONTROL = 'private, no-cache';

/**
 * The headers of an answer to the client (faults 19 and 22).
 * @throws AppError `plugin_error` for names and values that HTTP cannot carry
 */
export function responseHeaders(sent: HttpResponseV1['headers'], facts: ResponseFacts): ResponseHeaders {
  const accepts = facts.accepts === true;
  const headers = [...(accepts ? [] : HOST_HEADERS), 'x-request-id', facts.requestId];
  const dropped = namedInConnection(sent);
  const seen = new Set<string>();
  let contentLength: string | undefined;
  let chars = 0;
  for (const [sentName, sentValue] of sent) {
    const name = sentName.toLowerCase();
    if (!TOKEN.test(name)) throw refused('a header whose name is not valid');
    for (const value of typeof sentValue === 'string' ? [sentValue] : sentValue) {
      if (!VALUE.test(value)) throw refused(`a header ${name} with characters that HTTP cannot carry`);
      if (name === 'content-length') contentLength = value;
      if (isDropped(name, dropped)) continue;
      if (SINGLE.has(name) && seen.has(name)) throw refused(`more than one header ${name}`);
      seen.add(name);
      chars += name.length + value.length;
      headers.push(name, value);
    }
  }
  if (headers.length > 2 * MAX_HEADERS) throw refused(`more than ${MAX_HEADERS} headers`);
  if (chars > MAX_HEADER_CHARS) throw refused(`headers of more than ${MAX_HEADER_CHARS} bytes`);
  if (facts.contentType !== undefined && !seen.has('content-type')) headers.push('content-type', facts.contentType);
  if (!accepts && !seen.has('cache-control')) headers.push('cache-control', DEFAULT_CACHE_CONTROL);
  // a proxy that gathers answers (nginx does) would keep events back until it has some KiB of them (RTE-6)
  if (!accepts && !seen.has('x-accel-buffering') && isEndless(headers)) headers.push('x-accel-buffering', 'no');
  return { headers, contentLength };
}

function isDropped(name: string, named: ReadonlySet<string> | undefined): boolean {
  return (
    NOT_FORWARDED.has(name) ||
    HOP_BY_HOP.has(name) ||
    named?.has(name) === true ||
    HOST_PREFIXES.some((prefix) => name.startsWith(prefix))
  );
}

function namedInConnection(sent: HttpResponseV1['headers']): Set<string> | undefined {
  let names: Set<string> | undefined;
  for (const [name, value] of sent) {
    if (name.length !== 10 || name.toLowerCase() !== 'connection') continue;
    names ??= new Set();
    for (const one of typeof value === 'string' ? [value] : value) addConnectionTokens(one, names);
  }
  return names;
}

function refused(what: string): AppError {
  return new AppError('plugin_error', `The plugin answered with ${what}.`);
}
