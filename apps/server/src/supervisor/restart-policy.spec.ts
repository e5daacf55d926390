import fc from 'fast-check';
import { afterCrash, NO_CRASHES, type CrashCount, type RestartLimits, type Verdict } from './restart-policy';

const HOUR = 3_600_000;
const limits: RestartLimits = {
  ...{ backoffBaseMs: 1_000, backoffMaxMs: 16_000, maxCrashes: 10, healthyAfterMs: 60_000 },
  ...{ crashWindowMs: HOUR, crashWindowLimit: 15, backoffJitterPercent: 10 },
};
const NO_JITTER = 0.5;
const crash = { at: 1_000_000, blamed: false, readyForMs: 0 };
const row = (inARow: number, blamedInARow = 0): CrashCount => ({ inARow, blamedInARow, recent: [] });

interface Step {
  readonly afterMs: number;
  readonly readyForMs: number;
  readonly blamed: boolean;
}

/** The verdicts on a plugin that crashes so, up to the one that gives up. */
function live(steps: readonly Step[], of: RestartLimits = limits, random = NO_JITTER): Verdict[] {
  const verdicts: Verdict[] = [];
  let count = NO_CRASHES;
  let at = 0;
  for (const { afterMs, readyForMs, blamed } of steps) {
    at += afterMs;
    const verdict = afterCrash(count, { at, blamed, readyForMs }, of, random);
    verdicts.push(verdict);
    if (verdict.kind === 'give_up') break;
    count = verdict.count;
  }
  return verdicts;
}

const times = (n: number, step: Step): Step[] => Array.from({ length: n }, () => step);

describe('afterCrash', () => {
  it('[SUP-3] restarts after 1, 2, 4, 8, 16, 16 … seconds', () => {
    const delays = Array.from({ length: 9 }, (_, before) => afterCrash(row(before), crash, limits, NO_JITTER));
    expect(delays.map((verdict) => (verdict.kind === 'restart' ? verdict.delayMs / 1000 : verdict))).toEqual([
      1, 2, 4, 8, 16, 16, 16, 16, 16,
    ]);
  });

  it('[SUP-3] waits a tenth longer or shorter at most', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 8 }), fc.double({ min: 0, max: 1, noNaN: true }), (before, random) => {
        const verdict = afterCrash(row(before), crash, limits, random);
        const base = Math.min(1_000 * 2 ** before, 16_000);
        expect(verdict.kind).toBe('restart');
        if (verdict.kind !== 'restart') return;
        expect(verdict.delayMs).toBeGreaterThanOrEqual(0.9 * base);
        expect(verdict.delayMs).toBeLessThanOrEqual(1.1 * base);
      }),
    );
    expect([0, 1].map((random) => afterCrash(row(0), crash, limits, random))).toMatchObject([
      { delayMs: 900 },
      { delayMs: 1_100 },
    ]);
  });

  it.each([
    ['the ninth in a row', row(8), { ...crash, readyForMs: 59_999 }, { kind: 'restart', count: { inARow: 9 } }],
    ['the tenth in a row', row(9), { ...crash, readyForMs: 59_999 }, { kind: 'give_up', limit: 'in_a_row' }],
    ['one after 60 s of health', row(9), { ...crash, readyForMs: 60_000 }, { kind: 'restart', count: { inARow: 1 } }],
    ['ten of which two have a blamed route', row(9, 2), crash, { kind: 'restart', count: { inARow: 10 } }],
    ['eleven of which two have a blamed route', row(10, 2), crash, { kind: 'give_up' }],
  ])('[SUP-4] %s', (_, before, last, verdict) => {
    expect(afterCrash(before, last, limits, NO_JITTER)).toMatchObject(verdict);
  });

  it('[SUP-4] gives up at once where one crash is too many', () => {
    expect(afterCrash(NO_CRASHES, { ...crash, readyForMs: 1e9 }, { ...limits, maxCrashes: 1 }, 0)).toMatchObject({
      kind: 'give_up',
    });
  });

  it.each([
    ['every 3 minutes, healthy in between', { afterMs: 180_000, readyForMs: 170_000, blamed: false }, 15],
    ['just after it was healthy', { afterMs: 61_000, readyForMs: 60_000, blamed: false }, 15],
    ['in a loop', { afterMs: 1_000, readyForMs: 0, blamed: false }, 10],
    [
      'at whatever route it is asked for, healthy in between',
      { afterMs: 100_000, readyForMs: 90_000, blamed: true },
      30,
    ],
    ['at whatever route it is asked for', { afterMs: 1_000, readyForMs: 500, blamed: true }, 20],
  ])('[SUP-4] faults 10: one that crashes %s is given up', (_, step, after) => {
    const verdicts = live(times(100, step));
    expect(verdicts).toHaveLength(after);
    expect(verdicts.at(-1)?.kind).toBe('give_up');
  });

  it('[SUP-4] faults 10: one that crashes every five minutes is within its limit', () => {
    expect(live(times(100, { afterMs: 300_000, readyForMs: 299_000, blamed: false }))).toHaveLength(100);
  });

  it('[SUP-4] a limit of 0 is none, and what is remembered stays bounded', () => {
    const verdicts = live(times(500, { afterMs: 61_000, readyForMs: 60_000, blamed: false }), {
      ...{ ...limits, crashWindowLimit: 0, crashWindowMs: 1e12 },
    });
    expect(verdicts.map(({ kind }) => kind)).not.toContain('give_up');
    expect(verdicts.at(-1)?.count.recent).toHaveLength(50);
  });

  it('[SUP-4] a clock that was set back keeps no crash beyond its time', () => {
    const future: CrashCount = {
      ...NO_CRASHES,
      recent: times(14, { afterMs: 0, readyForMs: 0, blamed: false }).map(() => ({ at: 1e12, blamed: false })),
    };
    const first = afterCrash(
      { ...future, recent: future.recent.slice(1) },
      { at: HOUR, blamed: false, readyForMs: 0 },
      limits,
      0,
    );
    expect(first.count.recent.every(({ at }) => at === HOUR)).toBe(true);
    const later = afterCrash(first.count, { at: 2 * HOUR, blamed: false, readyForMs: 0 }, limits, 0);
    expect(later.count.recent).toHaveLength(1);
  });

  it('[SUP-4] faults 10: whatever happens, it is never given up below a limit, and always at twice both', () => {
    const step = fc.record({
      afterMs: fc.integer({ min: 0, max: 400_000 }),
      readyForMs: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 120_000 })),
      blamed: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const verdicts = live(steps);
        verdicts.forEach((verdict, index) => {
          const { inARow, recent } = verdict.count;
          if (verdict.kind === 'give_up') {
            const counted = verdict.limit === 'window' ? recent.length : inARow;
            expect(counted).toBeGreaterThanOrEqual(verdict.limit === 'window' ? 15 : 10);
            expect(index).toBe(verdicts.length - 1);
          } else {
            expect(inARow).toBeLessThan(20);
            expect(recent.length).toBeLessThan(30);
          }
        });
      }),
    );
  });
});
