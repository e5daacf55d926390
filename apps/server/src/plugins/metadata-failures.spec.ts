import type { CandidateFile } from './discovery';
import { MetadataFailures } from './metadata-failures';

const MINUTE = 60_000;
const file = (mtimeNs: string, name = 'a.binary'): CandidateFile => ({
  ...{ kind: 'candidate', name, file: name, path: `/x/${name}` },
  identity: { dev: '1', ino: '2', size: 3, mtimeNs, ctimeNs: '5' },
});

describe('[META-2] MetadataFailures', () => {
  let now: number;
  let failures: MetadataFailures;
  beforeEach(() => {
    now = 0;
    failures = new MetadataFailures(() => now);
  });

  it('waits 1, 2, 4 … 60 minutes with trying the same file again', () => {
    for (const minutes of [1, 2, 4, 8, 16, 32, 60, 60]) {
      failures.timedOut(file('1'), 'late');
      now += minutes * MINUTE - 1;
      expect(failures.reasonAgainst(file('1'))).toBe('late');
      now += 1;
      expect(failures.reasonAgainst(file('1'))).toBeUndefined();
    }
  });

  it('knows when one of them is due', () => {
    expect(failures.hasDue()).toBe(false);
    failures.timedOut(file('1'), 'late');
    now += MINUTE - 1;
    expect(failures.hasDue()).toBe(false);
    now += 1;
    expect(failures.hasDue()).toBe(true);
  });

  it('tries a file that has changed at once, and begins anew with it', () => {
    failures.timedOut(file('1'), 'late');
    failures.timedOut(file('1'), 'late');
    expect(failures.reasonAgainst(file('2'))).toBeUndefined();
    failures.timedOut(file('2'), 'later');
    now += MINUTE;
    expect(failures.reasonAgainst(file('2'))).toBeUndefined();
  });

  it.each<[string, () => void]>([
    ['that has answered', () => failures.answered(file('1'))],
    ['that is gone', () => failures.keepOnly(new Set(['b.binary']))],
    ['when somebody insists', () => failures.clear()],
  ])('forgets a file %s', (_, forget) => {
    failures.timedOut(file('1'), 'late');
    failures.timedOut(file('1', 'b.binary'), 'late');
    forget();
    expect(failures.reasonAgainst(file('1'))).toBeUndefined();
  });
});
