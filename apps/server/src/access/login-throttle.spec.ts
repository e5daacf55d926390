import { LoginThrottle, type Attempt } from './login-throttle';
import { ManualClock } from './testing/manual-clock';

const ATTEMPT: Attempt = { account: 'admin', source: '192.0.2.1', known: false };

describe('LoginThrottle', () => {
  const setUp = (maxCounters?: number) => {
    const clock = new ManualClock();
    return { clock, throttle: new LoginThrottle(() => clock.monotonic(), maxCounters) };
  };
  const delay = (throttle: LoginThrottle, attempt: Attempt = ATTEMPT) => {
    const admission = throttle.admit(attempt);
    return admission.admitted ? 0 : admission.retryAfterMs;
  };
  const fail = (throttle: LoginThrottle, times: number, attempt: Attempt = ATTEMPT) => {
    for (let i = 0; i < times; i += 1) expect(delay(throttle, attempt)).toBe(0);
  };

  it('[faults 26] lets five through, then waits twice as long each time, five minutes at most', () => {
    const { clock, throttle } = setUp();
    fail(throttle, 5);
    const waits: number[] = [];
    for (let i = 0; i < 11; i += 1) {
      const wait = delay(throttle);
      waits.push(wait / 1000);
      clock.advance(wait - 1);
      expect(delay(throttle)).toBe(1);
      clock.advance(1);
      expect(delay(throttle)).toBe(0);
    }
    expect(waits).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]);
  });

  it('[faults 26] counts a guess before its password is looked at', () => {
    const { throttle } = setUp();
    const admitted = Array.from({ length: 50 }, () => throttle.admit(ATTEMPT)).filter((a) => a.admitted);
    expect(admitted).toHaveLength(5);
  });

  it('[faults 26] leaves the owner alone at another address', () => {
    const { throttle } = setUp();
    fail(throttle, 5);
    expect(delay(throttle)).toBeGreaterThan(0);
    expect(delay(throttle, { ...ATTEMPT, source: '192.0.2.2' })).toBe(0);
    expect(delay(throttle, { ...ATTEMPT, account: 'maria' })).toBe(0);
  });

  it('[faults 26] stops one address that tries many accounts', () => {
    const { throttle } = setUp();
    for (let i = 0; i < 20; i += 1) fail(throttle, 1, { ...ATTEMPT, account: `user${i}` });
    expect(delay(throttle, { ...ATTEMPT, account: 'another' })).toBe(1_000);
  });

  it('[faults 26] slows down many addresses that try one account, and never where its owner was before', () => {
    const { throttle } = setUp();
    for (let i = 0; i < 100; i += 1) fail(throttle, 1, { ...ATTEMPT, source: `198.51.100.${i}` });
    expect(delay(throttle, { ...ATTEMPT, source: '203.0.113.1' })).toBe(1_000);
    expect(delay(throttle, { ...ATTEMPT, source: '203.0.113.1', known: true })).toBe(0);
  });

  it('starts from zero after a success, for that account at that address', () => {
    const { throttle } = setUp();
    fail(throttle, 4);
    const admission = throttle.admit(ATTEMPT);
    if (admission.admitted) admission.slot.succeeded();
    fail(throttle, 5);
  });

  it('[faults 26] keeps what an address failed elsewhere when it signs in to an account of its own', () => {
    const { throttle } = setUp();
    for (let i = 0; i < 19; i += 1) {
      fail(throttle, 1, { ...ATTEMPT, account: `user${i}` });
      const own = throttle.admit({ ...ATTEMPT, account: 'mallory' });
      if (own.admitted) own.slot.succeeded();
    }
    fail(throttle, 1, { ...ATTEMPT, account: 'user19' });
    expect(delay(throttle, { ...ATTEMPT, account: 'user20' })).toBe(1_000);
  });

  it('gives a slot back once when the password was never looked at', () => {
    const { throttle } = setUp();
    fail(throttle, 4);
    const admission = throttle.admit(ATTEMPT);
    expect(admission.admitted).toBe(true);
    if (!admission.admitted) return;
    expect(delay(throttle)).toBe(1_000);
    admission.slot.cancelled();
    admission.slot.cancelled();
    admission.slot.succeeded();
    fail(throttle, 1);
    expect(delay(throttle)).toBe(1_000);
  });

  it('forgets after an hour of rest', () => {
    const { clock, throttle } = setUp();
    fail(throttle, 5);
    clock.advance(60 * 60_000 + 1);
    fail(throttle, 5);
  });

  it('[faults 26] keeps a bounded number of counters, and those in use', () => {
    const { throttle } = setUp(30);
    fail(throttle, 5);
    for (let i = 0; i < 10_000; i += 1) throttle.admit({ ...ATTEMPT, account: `user${i}` });
    expect(throttle.size).toBeLessThanOrEqual(30);
    expect(delay(throttle, { ...ATTEMPT, account: 'the next' })).toBeGreaterThan(0);
  });
});
