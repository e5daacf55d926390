import { afterCrash, type RestartLimits } from './restart-policy';

const limits: RestartLimits = { backoffBaseMs: 1_000, backoffMaxMs: 16_000, maxCrashes: 10, healthyAfterMs: 60_000 };

describe('afterCrash', () => {
  it('[SUP-3] restarts after 1, 2, 4, 8, 16, 16 … seconds', () => {
    const delays = Array.from({ length: 9 }, (_, crashesBefore) =>
      afterCrash({ crashesBefore, readyForMs: 0 }, limits),
    );
    expect(delays.map((verdict) => (verdict.kind === 'restart' ? verdict.delayMs / 1000 : verdict))).toEqual([
      1, 2, 4, 8, 16, 16, 16, 16, 16,
    ]);
  });

  it('[SUP-4] gives up at the tenth crash in a row', () => {
    expect(afterCrash({ crashesBefore: 8, readyForMs: 59_999 }, limits)).toMatchObject({ kind: 'restart', crashes: 9 });
    expect(afterCrash({ crashesBefore: 9, readyForMs: 59_999 }, limits)).toEqual({ kind: 'give_up', crashes: 10 });
  });

  it('[SUP-4] counts from zero after 60 s of health', () => {
    expect(afterCrash({ crashesBefore: 9, readyForMs: 60_000 }, limits)).toEqual({
      kind: 'restart',
      crashes: 1,
      delayMs: 1_000,
    });
  });

  it('[SUP-4] gives up at once where one crash is too many', () => {
    expect(afterCrash({ crashesBefore: 0, readyForMs: 1e9 }, { ...limits, maxCrashes: 1 })).toEqual({
      kind: 'give_up',
      crashes: 1,
    });
  });
});
