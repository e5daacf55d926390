import { jest } from '@jest/globals';
import { StartQueue } from './start-queue';

describe('StartQueue', () => {
  let queue: StartQueue;
  let begun: string[];
  let ends: Map<string, () => void>;

  beforeEach(() => {
    jest.useFakeTimers();
    queue = new StartQueue(1_000);
    queue.parallel = 2;
    begun = [];
    ends = new Map();
    for (const id of ['a', 'b', 'c', 'd', 'e']) {
      queue.add(id, () => {
        begun.push(id);
        return new Promise((resolve) => ends.set(id, resolve));
      });
    }
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  const end = async (id: string): Promise<void> => {
    ends.get(id)?.();
    await jest.advanceTimersByTimeAsync(0);
  };

  it('starts as many side by side as it may, in order, and the next one when one has come up', async () => {
    expect([begun, queue.size, queue.has('b'), queue.has('c')]).toEqual([['a', 'b'], 3, false, true]);
    await end('b');
    expect(begun).toEqual(['a', 'b', 'c']);
    await end('a');
    await end('c');
    expect([begun, queue.size]).toEqual([['a', 'b', 'c', 'd', 'e'], 0]);
  });

  it('one that hangs gives its turn away, once', async () => {
    await jest.advanceTimersByTimeAsync(999);
    expect(begun).toEqual(['a', 'b']);
    await jest.advanceTimersByTimeAsync(1);
    expect(begun).toEqual(['a', 'b', 'c', 'd']);
    await end('a');
    await end('b');
    expect(begun).toEqual(['a', 'b', 'c', 'd']);
    await end('c');
    expect(begun).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  it('starts nobody any more once it was cleared', async () => {
    queue.clear();
    await end('a');
    expect([begun, queue.has('c')]).toEqual([['a', 'b'], false]);
  });
});
