import { OutputLimit } from './output-limit';
import { FakeClock } from '@toru/testing';

describe('OutputLimit', () => {
  let clock: FakeClock;
  let limit: OutputLimit;

  beforeEach(() => {
    clock = new FakeClock(Date.UTC(2026, 10, 21));
    limit = new OutputLimit(clock, { linesPerSecond: 10, burstLines: 5, bytesPerSecond: 1000, burstBytes: 2000 });
  });

  const taken = (bytes: number): number => {
    let count = 0;
    while (limit.take(bytes)) count += 1;
    return count;
  };

  it('[OBS-1] lets a burst through, then what comes back with time, and never saves up more than a burst', () => {
    expect(taken(1)).toBe(5);
    expect(limit.isExhausted).toBe(true);
    clock.advance(90);
    expect(taken(1)).toBe(0);
    clock.advance(60_000);
    expect(limit.isExhausted).toBe(false);
    expect(taken(1)).toBe(5);
  });

  it('[OBS-1] counts bytes as well as lines', () => {
    expect(taken(600)).toBe(3);
    clock.advance(60_000);
    expect(taken(2000)).toBe(1);
    expect(taken(1)).toBe(0);
  });
});
