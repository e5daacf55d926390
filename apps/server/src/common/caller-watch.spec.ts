import type { Principal } from '../access';
import { PrincipalCache } from '../access/principal-cache';
import { AppError } from './app-error';
import { CallerWatch } from './caller-watch';
import { Clock, type Cancel } from './clock';

const ADA = { id: 'u1', name: 'ada', role: 'admin' } as const;

class SteppedClock extends Clock {
  private at = 0;
  private readonly timers = new Map<() => void, number>();

  override now = (): number => this.at;
  override monotonic = (): number => this.at;

  override setTimeout(callback: () => void, ms: number): Cancel {
    this.timers.set(callback, this.at + ms);
    return () => void this.timers.delete(callback);
  }

  get pending(): number {
    return this.timers.size;
  }

  async advance(ms: number): Promise<void> {
    for (const end = this.at + ms; this.at < end;) {
      this.at = Math.min(end, ...this.timers.values());
      for (const [callback, due] of [...this.timers]) {
        if (due > this.at || !this.timers.delete(callback)) continue;
        callback();
      }
      await settled();
    }
  }
}

class Door {
  answer: () => Promise<unknown> = () => Promise.resolve(ADA);
  asked = 0;
  changed: () => void = () => undefined;

  readonly admit = (): Promise<unknown> => {
    this.asked++;
    return this.answer();
  };

  onChange(listener: () => void): void {
    this.changed = listener;
  }
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const refuse = (code: 'unauthenticated' | 'forbidden' | 'storage_unavailable') => () =>
  Promise.reject(new AppError(code, 'No.'));

describe('CallerWatch', () => {
  const clock = new SteppedClock();
  const door = new Door();
  const callers = new CallerWatch(door, clock);
  let revoked: AppError[];
  let stop: () => void;
  beforeEach(() => {
    revoked = [];
    door.answer = () => Promise.resolve(ADA);
    door.asked = 0;
    stop = callers.watch(door.admit, (reason) => revoked.push(reason));
  });
  afterEach(async () => {
    stop();
    await clock.advance(2_000);
    expect(clock.pending).toBe(0);
  });

  it.each(['unauthenticated', 'forbidden'] as const)(
    'faults 27: %s: told once, after a second at most',
    async (code) => {
      await clock.advance(5_000);
      expect(revoked).toEqual([]);
      door.answer = refuse(code);
      await clock.advance(1_000);
      const { asked } = door;
      await clock.advance(5_000);
      expect(revoked.map((error) => error.code)).toEqual(['unauthenticated']);
      expect(door.asked).toBe(asked);
    },
  );

  it('[RTE-5] faults 27: what another host has revoked ends within a second, whenever it was looked up last', async () => {
    const cache = new PrincipalCache(clock.monotonic);
    let inDatabase: Principal | undefined = { ...ADA, kind: 'session', mustChangePassword: false, credentialId: 's' };
    door.answer = async () => {
      const found = await cache.get('ada', () => Promise.resolve(inDatabase));
      return found ?? refuse('unauthenticated')();
    };
    await clock.advance(750);
    // an ordinary request has it looked up at the worst moment
    await clock.advance(249);
    await door.answer();
    inDatabase = undefined;
    await clock.advance(999);
    expect(revoked).toHaveLength(1);
  });

  it('faults 27: after a change on this host at once', async () => {
    door.answer = refuse('unauthenticated');
    door.changed();
    door.changed();
    await settled();
    expect(revoked).toHaveLength(1);
  });

  it('faults 30: a storage that does not answer for a while ends nothing, one that never does ends all', async () => {
    door.answer = refuse('storage_unavailable');
    await clock.advance(20_000);
    door.answer = () => Promise.resolve(ADA);
    await clock.advance(1_000);
    door.answer = refuse('storage_unavailable');
    await clock.advance(29_000);
    expect(revoked).toEqual([]);
    await clock.advance(2_000);
    expect(revoked).toHaveLength(1);
  });

  it('asks no more when what was open has ended', async () => {
    stop();
    await clock.advance(3_000);
    expect(door.asked).toBe(0);
  });
});
