import { FakeClock } from '@toru/testing';
import { RequestsInFlight } from './requests-in-flight';

describe('RequestsInFlight', () => {
  let clock: FakeClock;
  let requests: RequestsInFlight;
  const paths = (silent = false) => requests.atEnd(silent).map(({ path }) => path);

  beforeEach(() => {
    clock = new FakeClock();
    requests = new RequestsInFlight(clock);
  });

  it('faults 10: holds what is open, and what ended without an answer a moment ago', () => {
    requests.enter('GET', '/open');
    requests.enter('GET', '/answered')(true);
    requests.enter('GET', '/lost')(false);
    expect(paths()).toEqual(['/lost', '/open']);
    clock.advance(1_501);
    expect(paths()).toEqual(['/open']);
    expect(paths(true)).toEqual(['/lost', '/open']);
    clock.advance(9_000);
    expect(paths(true)).toEqual(['/open']);
  });

  it('is left once, and remembers a bounded number', () => {
    const leave = requests.enter('GET', '/twice');
    leave(true);
    leave(false);
    expect(paths()).toEqual([]);
    for (let index = 0; index < 1_000; index++) requests.enter('GET', `/${'x'.repeat(5_000)}`)(false);
    expect(paths()).toHaveLength(64);
    expect(paths()[0]).toHaveLength(300);
  });
});
