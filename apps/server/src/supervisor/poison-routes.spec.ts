import fc from 'fast-check';
import { blame, NO_POISON, type PoisonState, type QuarantineLimits } from './poison-routes';
import { routePattern } from './route-pattern';

const MINUTE = 60_000;
const limits: QuarantineLimits = {
  ...{ quarantineAfterCrashes: 3, quarantineMs: 5 * MINUTE, quarantineMaxMs: 15 * MINUTE, crashWindowMs: 60 * MINUTE },
};

/** What each of these crashes, a minute apart, puts into quarantine. */
function after(...crashes: readonly (readonly string[])[]): string[][] {
  let state: PoisonState = NO_POISON;
  return crashes.map((routes, index) => {
    const result = blame(state, { at: index * MINUTE, routes }, limits);
    state = result.state;
    return result.added.map(({ route }) => route);
  });
}

describe('blame', () => {
  it.each<[string, string[][], string[][]]>([
    ['three crashes at one route', [['a'], ['a'], ['a']], [[], [], ['a']]],
    ['two are not enough', [['a'], ['b'], ['a']], [[], [], []]],
    ['each of two that crash it alone', [['a'], ['b'], ['a'], ['b'], ['a'], ['b']], [[], [], [], [], ['a'], ['b']]],
    ['nothing in flight speaks against nobody', [[], [], [], []], [[], [], [], []]],
    [
      'the one that was there each time',
      [
        ['a', 'b'],
        ['a', 'c'],
        ['a', 'd'],
      ],
      [[], [], ['a']],
    ],
    [
      'shared blame falls on all that were there each time',
      [
        ['a', 'b'],
        ['b', 'a'],
        ['a', 'b'],
      ],
      [[], [], ['a', 'b']],
    ],
    ['one that was absent once is acquitted', [['a', 'b'], ['a'], ['a', 'b']], [[], [], ['a']]],
    [
      'a crash with nothing in flight acquits those that share blame',
      [['a', 'b'], [], ['a', 'b'], ['a', 'b']],
      [[], [], [], []],
    ],
    ['but not one that was alone each time', [['a'], [], ['a'], ['a']], [[], [], [], ['a']]],
    [
      'what led to a quarantine speaks against nobody a second time',
      [['a', 'b'], ['a', 'c'], ['a', 'b'], ['b']],
      [[], [], ['a'], []],
    ],
  ])('faults 10: %s', (_, crashes, quarantined) => {
    expect(after(...crashes)).toEqual(quarantined);
  });

  it('faults 10: only crashes of the window count', () => {
    let state = NO_POISON;
    for (const at of [0, 59, 61, 118, 122]) {
      const result = blame(state, { at: at * MINUTE, routes: ['a'] }, limits);
      state = result.state;
      expect(result.added.map(({ route }) => route)).toEqual(at === 122 ? [] : at === 118 ? ['a'] : []);
    }
  });

  it('faults 10: a route that crashes it again after its release goes back at once, for twice as long, up to a bound', () => {
    let state = NO_POISON;
    const spans: number[] = [];
    const crash = (at: number): void => {
      const result = blame(state, { at, routes: ['a'] }, limits);
      state = result.state;
      spans.push(...result.added.map(({ since, until }) => (until - since) / MINUTE));
    };
    for (const minute of [0, 1, 2, 8, 20, 40]) crash(minute * MINUTE);
    expect(spans).toEqual([5, 10, 15, 15]);
    crash((40 + 15 + 60) * MINUTE);
    expect(spans).toHaveLength(4);
  });

  it('names the one route in flight, and none where quarantine is off', () => {
    expect(blame(NO_POISON, { at: 0, routes: ['a'] }, limits).route).toBe('a');
    expect(blame(NO_POISON, { at: 0, routes: ['a', 'b'] }, limits).route).toBeNull();
    expect(blame(NO_POISON, { at: 0, routes: ['a'] }, { ...limits, quarantineAfterCrashes: 0 })).toEqual({
      ...{ state: NO_POISON, route: null, added: [] },
    });
  });

  it('faults 10: remembers a bounded amount, and quarantines only what was in flight three times', () => {
    const routes = fc.uniqueArray(fc.integer({ min: 0, max: 200 }).map(String), { maxLength: 40 });
    fc.assert(
      fc.property(fc.array(routes, { maxLength: 80 }), (crashes) => {
        let state = NO_POISON;
        crashes.forEach((each, index) => {
          const result = blame(state, { at: index * 1000, routes: each }, limits);
          state = result.state;
          expect(state.evidence.length).toBeLessThanOrEqual(50);
          expect(Math.max(0, ...state.evidence.map((evidence) => evidence.routes.length))).toBeLessThanOrEqual(16);
          expect(state.routes.length).toBeLessThanOrEqual(64);
          for (const { route } of result.added) {
            expect(crashes.slice(0, index + 1).filter((seen) => seen.includes(route)).length).toBeGreaterThanOrEqual(3);
          }
        });
      }),
      { numRuns: 50 },
    );
  });
});

describe('routePattern', () => {
  it.each([
    ['GET', '', 'GET /'],
    ['GET', '/items/42/', 'GET /items/*'],
    ['POST', '/items/3f2504e0-4f89-11d3-9a0c-0305e82c3301/x', 'POST /items/*/x'],
    ['GET', '/blob/DEADBEEF01', 'GET /blob/*'],
    ['GET', '/decade/added', 'GET /decade/added'],
    ['GET', '/v2/items', 'GET /v2/items'],
    ['GET', `/${'a/'.repeat(20)}`, `GET /${'a/'.repeat(12)}**`],
  ])('%s %s → %s', (method, path, pattern) => {
    expect(routePattern(method, path)).toBe(pattern);
  });

  it('is bounded', () => {
    expect(routePattern('GET', `/${'y'.repeat(5000)}`)).toHaveLength(200);
  });
});
