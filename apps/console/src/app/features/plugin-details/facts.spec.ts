import { details } from '../../../testing/fixtures';
import { aboutFacts, bytes, duration, processFacts } from './facts';

describe('facts of a plugin', () => {
  it.each([
    [0, '0 s'],
    [59.9, '59 s'],
    [61, '1 min 1 s'],
    [3_600, '1 h 0 min'],
    [90_061, '1 d 1 h'],
  ])('[MGR-4] %d seconds are %s', (seconds, text) => {
    expect(duration(seconds)).toBe(text);
  });

  it.each([
    [1_572_864, '1.5 MB'],
    [157_286_400, '150 MB'],
    [1_610_612_736, '1.5 GB'],
  ])('[MGR-4] %d bytes are %s', (count, text) => {
    expect(bytes(count)).toBe(text);
  });

  it('[MGR-4] lets the uptime go on between two answers, whatever the clock of the server says', () => {
    const running = details({ uptime_seconds: 10, started_at: '1999-01-01T00:00:00.000Z' });
    const uptime = (now: number): unknown => processFacts(running, now, 1_000).find(({ name }) => name === 'Uptime');
    expect(uptime(1_000)).toMatchObject({ value: '10 s' });
    expect(uptime(4_500)).toMatchObject({ value: '13 s' });
  });

  it('[MGR-4] counts down to the next try while it waits, and never below zero', () => {
    const waiting = details({ status: 'backoff', next_retry_at: new Date(5_000).toISOString() });
    const next = (now: number): unknown => processFacts(waiting, now, 0).find(({ name }) => name === 'Next try');
    expect(next(1_500)).toMatchObject({ value: 'in 4 s' });
    expect(next(9_000)).toMatchObject({ value: 'now' });
  });

  it('[MGR-4] links to a homepage on the web alone, and names the running version where it is another one', () => {
    const facts = aboutFacts(details({ homepage: 'javascript:alert(1)', running_version: '1.1.0' }));
    expect(facts).toContainEqual({ name: 'Homepage', value: 'javascript:alert(1)' });
    expect(facts).toContainEqual({ name: 'Running version', value: '1.1.0' });
    const others = aboutFacts(details({ homepage: 'https://example.org/', running_version: '1.2.0' }));
    expect(others).toContainEqual(expect.objectContaining({ href: 'https://example.org/' }));
    expect(others.map(({ name }) => name)).not.toContain('Running version');
  });
});
