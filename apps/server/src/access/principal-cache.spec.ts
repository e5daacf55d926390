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

  it('[faults 27] knows who sent a text for as long as the answer is used, and no longer', async () => {
    const { clock, cache, load } = setUp();
    void cache.get('k', load(MARIA));
    cache.remember('cookie a', 'k');
    expect(cache.byCredentials('cookie a')).toBeUndefined();
    await cache.get('k', load(undefined));
    expect(cache.byCredentials('cookie a')).toBe(MARIA);
    expect(cache.byCredentials('cookie b')).toBeUndefined();
    clock.advance(400);
    expect(cache.byCredentials('cookie a')).toBeUndefined();
    await cache.get('k', load(MARIA));
    cache.remember('cookie a', 'k');
    cache.clear();
    expect(cache.byCredentials('cookie a')).toBeUndefined();
  });

  it('[faults 27] lets nobody in by a text whose look-up was under way when something was revoked', async () => {
    const { cache } = setUp();
    let answer: (principal: Principal) => void = () => undefined;
    const slow = cache.get('k', () => new Promise((resolve) => (answer = resolve)));
    cache.remember('cookie a', 'k');
    cache.clear();
    answer(MARIA);
    await slow;
    expect(cache.byCredentials('cookie a')).toBeUndefined();
  });

  it('is bounded', async () => {
    const { cache, load } = setUp(10);
    for (let i = 0; i < 100; i += 1) {
      await cache.get(`k${i}`, load(MARIA));
      cache.remember(`cookie ${i}`, `k${i}`);
    }
    expect(cache.size).toBe(10);
    const known = Array.from({ length: 100 }, (_, i) => cache.byCredentials(`cookie ${i}`)).filter(Boolean);
    expect(known).toHaveLength(10);
  });
});
