import { countLine, countsOf, sum } from './jest-run.mjs';

const report = {
  numPassedTests: 3,
  numFailedTests: 1,
  numPendingTests: 1,
  numTodoTests: 1,
  numRuntimeErrorTestSuites: 0,
};

describe('the count of the tests', () => {
  it('adds up what each run reports', () => {
    const total = sum([countsOf(report, 1), countsOf({ ...report, numFailedTests: 0 }, 0)]);

    expect(countLine(total)).toBe('6 passed, 1 failed, 4 skipped');
  });

  it('leaves out skipped tests where there are none', () => {
    expect(countLine(countsOf({ numPassedTests: 2 }, 0))).toBe('2 passed, 0 failed');
  });

  it('counts a suite that could not run as a failure', () => {
    expect(countsOf({ numPassedTests: 2, numRuntimeErrorTestSuites: 1 }, 1).failed).toBe(1);
  });

  it.each([
    ['without a report', undefined],
    ['with a report that shows no failure', { numPassedTests: 2, numFailedTests: 0 }],
  ])('counts a run that broke off %s as a failure', (_case, broken) => {
    expect(countsOf(broken, 128).failed).toBe(1);
  });
});
