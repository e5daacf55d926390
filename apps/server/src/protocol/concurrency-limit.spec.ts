import { ConcurrencyLimit } from './concurrency-limit';

const never = new AbortController().signal;

describe('ConcurrencyLimit', () => {
  it('admits so many at once, the rest in order, and hands places on', async () => {
    const limit = new ConcurrencyLimit(1, 2);
    const first = await limit.acquire(never, 1e6);
    const order: number[] = [];
    const second = limit.acquire(never, 1e6).then((release) => (order.push(2), release));
    const third = limit.acquire(never, 1e6).then((release) => (order.push(3), release));
    expect(limit.load).toBe(3);
    first();
    first();
    (await second)();
    (await third)();
    expect(order).toEqual([2, 3]);
    expect(limit.load).toBe(0);
  });

  it('[PRO-4] refuses with plugin_busy when the queue is full and when the deadline passes', async () => {
    const limit = new ConcurrencyLimit(1, 1);
    const release = await limit.acquire(never, 1e6);
    const late = limit.acquire(never, 5);
    await expect(limit.acquire(never, 1e6)).rejects.toMatchObject({ code: 'plugin_busy', retryAfterSeconds: 1 });
    await expect(late).rejects.toMatchObject({ code: 'plugin_busy' });
    expect(limit.load).toBe(1);
    release();
    (await limit.acquire(never, 1e6))();
  });

  it('faults 20: whoever leaves gives up the place in the queue', async () => {
    const limit = new ConcurrencyLimit(1, 1);
    const release = await limit.acquire(never, 1e6);
    const client = new AbortController();
    const left = limit.acquire(client.signal, 1e6);
    client.abort(new Error('left'));
    await expect(left).rejects.toThrow('left');
    expect(limit.load).toBe(1);
    release();
    expect(limit.load).toBe(0);
  });

  it('refuses everybody with the reason after it was closed', async () => {
    const limit = new ConcurrencyLimit(1, 1);
    await limit.acquire(never, 1e6);
    const waiting = limit.acquire(never, 1e6);
    const gone = new Error('gone');
    limit.close(gone);
    await expect(waiting).rejects.toBe(gone);
    await expect(limit.acquire(never, 1e6)).rejects.toBe(gone);
  });
});
