import { jest } from '@jest/globals';
import { withProgress } from './report.mjs';

describe('withProgress', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  it('says every 15 s that it still goes on, until it is over', async () => {
    const told = [];
    let finish;
    const body = new Promise((resolve) => (finish = resolve));
    const waiting = withProgress(
      'building console',
      () => body,
      (text) => told.push(text),
    );
    jest.advanceTimersByTime(31_000);
    finish('built');

    await expect(waiting).resolves.toBe('built');
    jest.advanceTimersByTime(60_000);
    expect(told).toEqual(['  still building console, 15.0 s ...', '  still building console, 30.0 s ...']);
  });
});
