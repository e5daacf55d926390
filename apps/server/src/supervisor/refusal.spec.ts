import { refusalOf } from './refusal';

describe('refusalOf', () => {
  it.each([
    [{ code: 78, signal: null }, 'it ended with status 78; its last words: No valid licence', 'license'],
    [{ code: 78, signal: null }, 'it ended with status 78; its last words: LICENSE expired', 'license'],
    [{ code: 78, signal: null }, 'it ended with status 78; its last words: no such host', 'config'],
    [{ code: 78, signal: null }, 'it ended with status 78', 'config'],
    [{ code: 1, signal: null }, 'it ended with status 1; its last words: no licence', undefined],
    [{ code: null, signal: 'SIGKILL' as const }, 'it was ended by SIGKILL', undefined],
  ])('[SUP-10] [LIC-3] %j, %s: %s', (exit, why, refusal) => {
    expect(refusalOf(exit, why)).toBe(refusal);
  });
});
