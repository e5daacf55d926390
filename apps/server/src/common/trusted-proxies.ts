import type { IncomingMessage } from 'node:http';
import { BlockList, isIP } from 'node:net';

/** Where a request came from, as far as somebody trusted says so. */
export interface Forwarded {
  /** The client's address: the nearest that is no trusted proxy. */
  readonly address: string;
  /** The client's address and those of the proxies that follow it, nearest last. */
  readonly chain: readonly string[];
  /** Whether the connection's other end is a trusted proxy, so that its further headers count. */
  readonly trusted: boolean;
}

const MAX_PREFIX = { ipv4: 32, ipv6: 128 } as const;
/** More proxies than anybody has in a row. */
const MAX_HOPS = 32;

/**
 * The proxies that stand in front of the host. Anybody can send `X-Forwarded-For`, so it is read from its right end, which
 * the nearest proxy wrote, and only as far as trusted proxies go on: what a client claims of itself never counts (faults 22).
 */
export class TrustedProxies {
  private constructor(private readonly networks: BlockList | undefined) {}

  /** Nobody is trusted. */
  static readonly NONE = new TrustedProxies(undefined);

  /** @param text addresses and networks with commas between; undefined where one of them is neither */
  static parse(text: string): TrustedProxies | undefined {
    const parts = text.split(',').map((part) => part.trim());
    if (text.trim() === '') return TrustedProxies.NONE;
    const networks = new BlockList();
    for (const part of parts) if (!addNetwork(networks, part)) return undefined;
    return new TrustedProxies(networks);
  }

  of(request: Pick<IncomingMessage, 'socket' | 'headers'>): Forwarded {
    const peer = plainAddress(request.socket.remoteAddress ?? '');
    if (!this.trusts(peer)) return { address: peer, chain: [peer], trusted: false };
    const chain = [peer];
    const claims = hops(request.headers['x-forwarded-for']);
    while (chain.length < MAX_HOPS && this.trusts(chain[0] as string)) {
      const next = hopAddress(claims.pop());
      if (next === undefined) break;
      chain.unshift(next);
    }
    return { address: chain[0] as string, chain, trusted: true };
  }

  private trusts(address: string): boolean {
    const version = isIP(address);
    return version !== 0 && this.networks?.check(address, version === 4 ? 'ipv4' : 'ipv6') === true;
  }
}

function addNetwork(networks: BlockList, text: string): boolean {
  const [address = '', prefix, more] = text.split('/');
  const version = isIP(address);
  if (version === 0 || more !== undefined) return false;
  const family = version === 4 ? 'ipv4' : 'ipv6';
  const bits = prefix === undefined ? MAX_PREFIX[family] : /^[0-9]{1,3}$/.test(prefix) ? Number(prefix) : NaN;
  if (!(bits <= MAX_PREFIX[family])) return false;
  networks.addSubnet(address, bits, family);
  return true;
}

/** Node joins repeated headers itself, in their order. */
function hops(header: string | string[] | undefined): string[] {
  const text = typeof header === 'string' ? header : (header ?? []).join(',');
  return text === '' ? [] : text.split(',');
}

/** Some proxies add a port: `192.0.2.1:4711`, `[2001:db8::1]:4711`. */
function hopAddress(text: string | undefined): string | undefined {
  const trimmed = text?.trim() ?? '';
  const match = /^\[([0-9a-fA-F:.]+)\](?::[0-9]+)?$/.exec(trimmed) ?? /^([0-9.]+):[0-9]+$/.exec(trimmed);
  const address = plainAddress(match?.[1] ?? trimmed);
  return isIP(address) === 0 ? undefined : address;
}

/** An IPv4 address in its own form, where the system shows it as IPv6. */
function plainAddress(address: string): string {
  return /^::ffff:[0-9]+\.[0-9.]+$/i.test(address) ? address.slice('::ffff:'.length) : address;
}
