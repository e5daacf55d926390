import type { Principal } from './principal';
import { PrincipalCache } from './principal-cache';
import { ManualClock } from './testing/manual-clock';

const MARIA: Principal = {
  ...{ id: 'u1', name: 'maria', role: 'viewer', kind: 'session' },
  ...{ mustChangePassword: false, credentialId: 's1' },
};

describe('PrincipalCache', () => {
  const setUp = (maxEntries?: number) => {
    const clock = new ManualClock();
    const cache = new PrincipalCache(() => clock.monotonic(), maxEntries);
    let loads = 0;
    const load = (principal: Principal | undefined) => () => {
      loads += 1;
      return Promise.resolve(principal);
    };
    return { clock, cache, load, loads: () => loads };
  };

  it('[RTE-5] asks anew after 400 ms', async () => {
    const { clock, cache, load, loads } = setUp();
    await cache.get('k', load(MARIA));
    clock.advance(399);
    expect(await cache.get('k', load(undefined))).toBe(MARIA);
    expect(loads()).toBe(1);
    clock.advance(1);
    expect(await cache.get('k', load(undefined))).toBeUndefined();
  });

  it('asks once for requests that come together', async () => {
    const { cache, load, loads } = setUp();
    await Promise.all(Array.from({ length: 100 }, async () => await cache.get('k', load(MARIA))));
    expect(loads()).toBe(1);
    // nobody waits for what is known
    expect(cache.get('k', load(undefined))).toBe(MARIA);
  });

  it('keeps no caller that was not found, and no failure', async () => {
    const { cache, load } = setUp();
    for (let i = 0; i < 100; i += 1) await cache.get(`wrong ${i}`, load(undefined));
    await expect(cache.get('k', () => Promise.reject(new Error('the database is gone')))).rejects.toThrow('gone');
    expect(cache.size).toBe(0);
    expect(await cache.get('k', load(MARIA))).toBe(MARIA);
  });

  it('[faults 27] does not keep what was looked up while something was revoked', async () => {
    const { cache, load } = setUp();
    let answer: (principal: Principal) => void = () => undefined;
    const slow = cache.get('k', () => new Promise((resolve) => (answer = resolve)));
    cache.clear();
    answer(MARIA);
    await slow;
    expect(await cache.get('k', load(undefined))).toBeUndefined();
  });

  it('is bounded', async () => {
    const { cache, load } = setUp(10);
    for (let i = 0; i < 100; i += 1) await cache.get(`k${i}`, load(MARIA));
    expect(cache.size).toBe(10);
  });
});
