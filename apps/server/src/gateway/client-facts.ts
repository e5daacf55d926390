import type { TLSSocket } from 'node:tls';
import type { TrustedProxies } from '../common';
import type { RequestHead } from './client-side';

export interface PublicOrigin {
  readonly protocol: 'http' | 'https';
  /** Name, and port where it is not the protocol's own. */
  readonly host: string;
}

/** What is known of the way to the host before any request comes. */
interface ClientFactsOptions {
  readonly publicOrigin: PublicOrigin | undefined;
  readonly trustedProxies: TrustedProxies;
}

/** Where a request came from, and under which address. */
export interface ClientFacts {
  readonly address: string;
  /** The value of `X-Forwarded-For`: the client and the trusted proxies that follow it. */
  readonly forwardedFor: string;
  readonly protocol: 'http' | 'https';
  /** Overrules the request's `Host`; undefined: that is what counts. */
  readonly host: string | undefined;
}

const HOST_VALUE = /^(?:[a-z0-9][a-z0-9._-]{0,254}|\[[0-9a-f:.]{2,45}\])(?::[0-9]{1,5})?$/i;

/** Whether a text can be the value of `Host`. */
export function isHostValue(text: string): boolean {
  return HOST_VALUE.test(text);
}

/** What `TORU_PUBLIC_URL` says counts before what a trusted proxy says, and that before the connection itself. */
export function clientFacts(request: RequestHead, { publicOrigin, trustedProxies }: ClientFactsOptions): ClientFacts {
  const { address, chain, trusted } = trustedProxies.of(request);
  return {
    address,
    forwardedFor: chain.length === 1 ? address : chain.join(', '),
    protocol:
      publicOrigin?.protocol ?? (trusted ? forwardedProtocol(request) : undefined) ?? connectionProtocol(request),
    host: publicOrigin?.host ?? (trusted ? forwardedHost(request) : undefined),
  };
}

function connectionProtocol(request: RequestHead): 'http' | 'https' {
  return (request.socket as Partial<TLSSocket>).encrypted === true ? 'https' : 'http';
}

function forwardedProtocol(request: RequestHead): 'http' | 'https' | undefined {
  const value = nearest(request.headers['x-forwarded-proto'])?.toLowerCase();
  return value === 'http' || value === 'https' ? value : undefined;
}

function forwardedHost(request: RequestHead): string | undefined {
  const value = nearest(request.headers['x-forwarded-host']);
  return value !== undefined && isHostValue(value) ? value : undefined;
}

/** Of several values the one that the nearest proxy added. */
function nearest(header: string | string[] | undefined): string | undefined {
  const text = typeof header === 'string' ? header : header?.join(',');
  return text?.slice(text.lastIndexOf(',') + 1).trim();
}
