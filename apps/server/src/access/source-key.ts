import { isIPv6 } from 'node:net';

const UNKNOWN = 'unknown';

/**
 * What failed guesses are counted by: the IPv4 address, or the first 64 bits of an IPv6 address, since one household
 * owns all addresses below those. Behind a reverse proxy that is not trusted everybody comes from the proxy's
 * address and shares its count.
 */
export function sourceKey(remoteAddress: string | undefined): string {
  if (remoteAddress === undefined) return UNKNOWN;
  const address = remoteAddress.split('%', 1)[0] ?? UNKNOWN;
  if (!isIPv6(address)) return address.slice(0, 64);
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address);
  if (mapped?.[1] !== undefined) return mapped[1];
  return `${groupsOf(address).slice(0, 4).join(':')}::/64`;
}

/** The eight groups of an IPv6 address; URL parsing brings it into its one short form first. */
function groupsOf(address: string): string[] {
  const short = new URL(`http://[${address}]/`).hostname.slice(1, -1);
  const [head = '', tail] = short.split('::');
  const left = head === '' ? [] : head.split(':');
  if (tail === undefined) return left;
  const right = tail === '' ? [] : tail.split(':');
  return [...left, ...Array<string>(8 - left.length - right.length).fill('0'), ...right];
}
