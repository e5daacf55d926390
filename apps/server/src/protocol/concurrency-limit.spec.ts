import { ConcurrencyLimit } from './concurrency-limit';

const LONG = 1e6;
const limitOf = (concurrency: number, queue: number): ConcurrencyLimit =>
  new ConcurrencyLimit({ concurrency, queue, queueMs: LONG });

const never = new AbortController().signal;

describe('ConcurrencyLimit', () => {
  it('admits so many at once, the rest in order, and hands places on', async () => {
    const limit = limitOf(1, 2);
    const first = await limit.acquire(never);
    const order: number[] = [];
    const second = limit.acquire(never).then((release) => (order.push(2), release));
    const third = limit.acquire(never).then((release) => (order.push(3), release));
    expect(limit.load).toBe(3);
    first();
    first();
    (await second)();
    (await third)();
    expect(order).toEqual([2, 3]);
    expect(limit.load).toBe(0);
  });

  it('[PRO-4] refuses with plugin_busy when the queue is full and when the deadline passes', async () => {
    const limit = limitOf(1, 1);
    const release = await limit.acquire(never);
    const late = limit.acquire(never, { concurrency: 1, queue: 1, queueMs: 5 });
    await expect(limit.acquire(never)).rejects.toMatchObject({ code: 'plugin_busy', retryAfterSeconds: 1 });
    await expect(late).rejects.toMatchObject({ code: 'plugin_busy' });
    expect(limit.load).toBe(1);
    release();
    (await limit.acquire(never))();
  });

  it('faults 20: whoever leaves gives up the place in the queue', async () => {
    const limit = limitOf(1, 1);
    const release = await limit.acquire(never);
    const client = new AbortController();
    const left = limit.acquire(client.signal);
    client.abort(new Error('left'));
    await expect(left).rejects.toThrow('left');
    expect(limit.load).toBe(1);
    release();
    expect(limit.load).toBe(0);
  });

  it('[PRO-4] follows a bound that changes while places are held', async () => {
    const limit = limitOf(2, 9);
    const places = (concurrency: number) => ({ concurrency, queue: 9, queueMs: LONG });
    expect([limit.tryTake(), limit.tryTake(), limit.tryTake()]).toEqual([true, true, false]);
    const order: number[] = [];
    const waiters = [1, 2, 3].map((n) => limit.take(never, places(1)).then(() => order.push(n)));
    // two are held, one is allowed: nobody is let in before both are back
    limit.giveBack();
    await new Promise(setImmediate);
    expect(order).toEqual([]);
    limit.giveBack();
    await waiters[0];
    expect(order).toEqual([1]);
    // more are allowed again: the next one back lets two in
    void limit.take(never, places(3)).then(() => order.push(4));
    limit.giveBack();
    await Promise.all(waiters);
    expect(order.slice(0, 3)).toEqual([1, 2, 3]);
    expect(limit.tryTake(places(0))).toBe(false);
  });

  it('[PRO-4] more places are for those who wait already, first come, first served', async () => {
    const limit = limitOf(1, 9);
    const places = { concurrency: 3, queue: 9, queueMs: LONG };
    // one that never gives its place back must not keep the others
    expect(limit.tryTake()).toBe(true);
    const order: number[] = [];
    const waiters = [1, 2].map((n) => limit.take(never).then(() => order.push(n)));
    expect(limit.tryTake(places)).toBe(false);
    await Promise.all(waiters);
    expect(order).toEqual([1, 2]);
    limit.giveBack();
    expect(limit.tryTake(places)).toBe(true);
    expect(limit.load).toBe(3);
  });

  it('refuses everybody with the reason after it was closed', async () => {
    const limit = limitOf(1, 1);
    await limit.acquire(never);
    const waiting = limit.acquire(never);
    const gone = new Error('gone');
    limit.close(gone);
    await expect(waiting).rejects.toBe(gone);
    await expect(limit.acquire(never)).rejects.toBe(gone);
  });
});
