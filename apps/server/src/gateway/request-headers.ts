import { AppError } from '../common';
import { isHostValue, type ClientFacts } from './client-facts';
import type { Caller } from './gateway.ports';
import { addConnectionTokens, Fields, HOP_BY_HOP } from './header-names';
import { addTraceContext } from './trace-context';

/** What the host tells a plugin about a request. */
export interface RequestFacts {
  /** Undefined on a public path without a user. */
  readonly caller: Caller | undefined;
  readonly requestId: string;
  readonly client: ClientFacts;
  /** What the client's path has before the path that the plugin is given. */
  readonly prefix: string;
  /** Undefined where there is no body, or nobody knows how long it is. */
  readonly bodyBytes: number | undefined;
  /** The plugin's answer may be any bytes, compressed ones too; version 1 carries text alone. */
  readonly takesBytes?: boolean;
  /** It is a WebSocket handshake. */
  readonly handshake?: boolean;
}

export type RequestHeaders = Readonly<Record<string, string>>;

/** More than any browser or tool sends; a bound for what one request makes a plugin parse. */
const MAX_HEADERS = 100;
/** Names and values together, in characters; the size that Node accepts for a whole head. */
const MAX_HEADER_CHARS = 16 * 1024;

const PLAIN_NAME = /^[a-z0-9-]+$/;
/** The host's own tokens under any scheme; not the same letters inside another credential, such as a JWT. */
const HOST_TOKEN = /(?:^|[^a-z0-9._~+/-])tsc_/i;

/**
 * Never forwarded, beside the hop-by-hop ones. Names are compared with everything but letters and digits read as a
 * dash, since many frameworks take `x_toru_user` and `X-Toru-User` for the same thing.
 */
const NOT_FORWARDED: ReadonlySet<string> = new Set([
  // the host's session; a plugin cannot set cookies, so none is its own
  'cookie',
  'cookie2',
  // counted anew by the host, and done with
  'content-length',
  'expect',
  // what only the host may say
  'host',
  'x-request-id',
  'forwarded',
  'remote-user',
  'x-remote-user',
  'x-real-ip',
  'x-client-ip',
  'x-cluster-client-ip',
  'true-client-ip',
  // some frameworks route by these instead of the path that was checked
  'x-original-uri',
  'x-original-url',
  'x-rewrite-url',
]);
const HOST_PREFIXES = ['x-toru-', 'x-forwarded-'] as const;

/** Of these a second one is ignored, as Node does it; all others are joined. */
const SINGLE: ReadonlySet<string> = new Set([
  'content-type',
  'from',
  'if-modified-since',
  'if-unmodified-since',
  'max-forwards',
  'referer',
  'user-agent',
]);

/**
 * The headers that a plugin is given, in lower case, each once (RTE-5, faults 19 and 22).
 * @param raw name, value, name, value … as Node's `rawHeaders`
 * @throws AppError `malformed_request`
 */
export function requestHeaders(raw: readonly string[], facts: RequestFacts): RequestHeaders {
  if (raw.length > 2 * MAX_HEADERS) throw malformed(`more than ${MAX_HEADERS} headers`);
  const dropped = namedInConnection(raw);
  const headers = new Fields() as Record<string, string>;
  let host: string | undefined;
  let chars = 0;
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = (raw[i] as string).toLowerCase();
    const value = raw[i + 1] as string;
    chars += name.length + value.length;
    if (name === 'host') {
      if (host !== undefined) throw malformed('more than one Host header');
      host = value;
      continue;
    }
    const read = PLAIN_NAME.test(name) ? name : name.replace(/[^a-z0-9]/g, '-');
    if (read === 'accept-encoding' && facts.takesBytes !== true) continue;
    if (NOT_FORWARDED.has(read) || HOP_BY_HOP.has(read) || dropped?.has(name) || isHostPrefixed(read)) continue;
    const known = headers[name];
    if (read === 'authorization') {
      if (known !== undefined) throw malformed('more than one Authorization header');
      if (HOST_TOKEN.test(value)) continue;
    }
    if (known === undefined) headers[name] = value;
    else if (!SINGLE.has(name)) headers[name] = `${known}, ${value}`;
  }
  if (chars > MAX_HEADER_CHARS) throw malformed(`headers of more than ${MAX_HEADER_CHARS} bytes`);
  return addFacts(headers, host, facts);
}

function addFacts(headers: Record<string, string>, sentHost: string | undefined, facts: RequestFacts): RequestHeaders {
  if (sentHost !== undefined && !isHostValue(sentHost)) throw malformed('a Host header that names no host');
  const host = facts.client.host ?? sentHost;
  if (host !== undefined) {
    headers['host'] = host;
    headers['x-forwarded-host'] = host;
  }
  headers['x-forwarded-proto'] = facts.client.protocol;
  headers['x-forwarded-for'] = facts.client.forwardedFor;
  headers['x-forwarded-prefix'] = facts.prefix;
  headers['x-request-id'] = facts.requestId;
  addTraceContext(headers, facts.requestId);
  if (facts.handshake === true) {
    headers['connection'] = 'Upgrade';
    headers['upgrade'] = 'websocket';
  }
  if (facts.caller !== undefined) {
    headers['x-toru-user'] = headerText(facts.caller.name);
    headers['x-toru-user-id'] = headerText(facts.caller.id);
    headers['x-toru-role'] = facts.caller.role;
  }
  if (facts.bodyBytes !== undefined) headers['content-length'] = String(facts.bodyBytes);
  return headers;
}

function namedInConnection(raw: readonly string[]): Set<string> | undefined {
  let names: Set<string> | undefined;
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = raw[i] as string;
    if (name.length !== 10 || name.toLowerCase() !== 'connection') continue;
    const value = raw[i + 1] as string;
    if (value === 'keep-alive' || value === 'close') continue;
    names ??= new Set();
    addConnectionTokens(value, names);
  }
  return names;
}

function isHostPrefixed(name: string): boolean {
  return name.charCodeAt(0) === 0x78 && HOST_PREFIXES.some((prefix) => name.startsWith(prefix));
}

/** Visible ASCII but the percent sign as it is; anything else percent-encoded, so that it fits a header wherever it is copied to. */
function headerText(text: string): string {
  return /^[\x21-\x24\x26-\x7e]*$/.test(text) ? text : encodeURIComponent(Buffer.from(text).toString());
}

function malformed(what: string): AppError {
  return new AppError('malformed_request', `The request has ${what}.`);
}
