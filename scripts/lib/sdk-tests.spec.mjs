import { countCargo, countUnittest } from './sdk-tests.mjs';

describe('the counts of other test runners', () => {
  it.each([
    ['Ran 72 tests in 40.1s\n\nOK (skipped=1)\n', { passed: 71, failed: 0, skipped: 1 }],
    ['Ran 1 test in 0.1s\n\nOK\n', { passed: 1, failed: 0, skipped: 0 }],
    ['Ran 10 tests in 1s\n\nFAILED (failures=1, errors=2)\n', { passed: 7, failed: 3, skipped: 0 }],
    ['nothing', { passed: 0, failed: 0, skipped: 0 }],
  ])('unittest: %j', (output, counts) => {
    expect(countUnittest(output)).toEqual(counts);
  });

  it('cargo: adds up all test programs', () => {
    const output = [
      'test result: ok. 30 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out',
      'test result: FAILED. 7 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out',
    ].join('\n');
    expect(countCargo(output)).toEqual({ passed: 37, failed: 2, skipped: 1 });
  });
});
