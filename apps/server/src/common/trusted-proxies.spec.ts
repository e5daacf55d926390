import type { IncomingMessage } from 'node:http';
import { TrustedProxies, type Forwarded } from './trusted-proxies';

function seen(trusted: string, remoteAddress: string, forwardedFor?: string): Forwarded | undefined {
  const request = {
    socket: { remoteAddress },
    headers: forwardedFor === undefined ? {} : { 'x-forwarded-for': forwardedFor },
  };
  return TrustedProxies.parse(trusted)?.of(request as unknown as IncomingMessage);
}

describe('TrustedProxies', () => {
  it.each([
    // nobody is trusted: nothing that was sent counts
    ['', '192.0.2.1', '203.0.113.9', '192.0.2.1', '192.0.2.1'],
    ['10.0.0.0/8', '192.0.2.1', '203.0.113.9', '192.0.2.1', '192.0.2.1'],
    // one proxy; what stands left of the client was sent by the client
    ['10.0.0.0/8', '10.1.2.3', '203.0.113.9', '203.0.113.9', '203.0.113.9, 10.1.2.3'],
    ['10.0.0.0/8', '10.1.2.3', 'evil, 127.0.0.1, 203.0.113.9', '203.0.113.9', '203.0.113.9, 10.1.2.3'],
    ['10.0.0.0/8', '10.1.2.3', undefined, '10.1.2.3', '10.1.2.3'],
    ['10.0.0.0/8', '10.1.2.3', '', '10.1.2.3', '10.1.2.3'],
    // two proxies
    ['10.0.0.1, 10.0.0.2', '10.0.0.1', '203.0.113.9,10.0.0.2', '203.0.113.9', '203.0.113.9, 10.0.0.2, 10.0.0.1'],
    ['10.0.0.1', '10.0.0.1', '203.0.113.9,10.0.0.2', '10.0.0.2', '10.0.0.2, 10.0.0.1'],
    // what is no address ends the chain
    ['10.0.0.0/8', '10.0.0.1', '203.0.113.9, unknown', '10.0.0.1', '10.0.0.1'],
    ['10.0.0.0/8', '10.0.0.1', '203.0.113.9, unknown, 10.0.0.2', '10.0.0.2', '10.0.0.2, 10.0.0.1'],
    // other forms
    ['10.0.0.0/8', '::ffff:10.1.2.3', '[2001:db8::1]:4711', '2001:db8::1', '2001:db8::1, 10.1.2.3'],
    ['10.0.0.0/8', '10.0.0.1', '203.0.113.9:4711', '203.0.113.9', '203.0.113.9, 10.0.0.1'],
    ['fd00::/8,::1', '::1', '2001:db8::1, fd00::5', '2001:db8::1', '2001:db8::1, fd00::5, ::1'],
  ])('faults 22: trusting %j, from %s with %j: %s', (trusted, peer, sent, address, chain) => {
    const forwarded = seen(trusted, peer, sent);
    expect(forwarded?.address).toBe(address);
    expect(forwarded?.chain.join(', ')).toBe(chain);
  });

  it('faults 22: a chain of trusted addresses has an end', () => {
    expect(seen('10.0.0.0/8', '10.0.0.1', '10.0.0.2,'.repeat(1000).slice(0, -1))?.chain).toHaveLength(32);
  });

  it.each(['proxy.example', '10.0.0.0/33', '10.0.0.0/', '::1/129', '10.0.0.0/8/8', '10.0.0.1,', '10.0.0.0/-1'])(
    'refuses %j as a setting',
    (text) => {
      expect(TrustedProxies.parse(text)).toBeUndefined();
    },
  );
});
