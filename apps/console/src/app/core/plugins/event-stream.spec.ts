import { TestBed } from '@angular/core/testing';
import { jest } from '@jest/globals';
import { EventStream, MAX_REOPEN_MS, REOPEN_MS } from './event-stream';

/** What the browser gives, as far as it is used. */
class FakeSource {
  static all: FakeSource[] = [];
  onopen: () => void = () => undefined;
  onmessage: () => void = () => undefined;
  onerror: () => void = () => undefined;
  readonly close = jest.fn();

  constructor(readonly url: string) {
    FakeSource.all.push(this);
  }
}

describe('EventStream', () => {
  const onEvent = jest.fn();
  const onOpen = jest.fn();
  const last = (): FakeSource => FakeSource.all[FakeSource.all.length - 1] as FakeSource;

  beforeEach(() => {
    jest.useFakeTimers();
    jest.resetAllMocks();
    FakeSource.all = [];
    Object.assign(window, { EventSource: FakeSource });
  });
  afterEach(() => {
    Reflect.deleteProperty(window, 'EventSource');
    jest.useRealTimers();
  });

  const listen = (): (() => void) => TestBed.inject(EventStream).listen({ onEvent, onOpen });

  it('[API-4] tells what happens, and whether it is open', () => {
    listen();
    expect(last().url).toBe('/api/events/stream');
    last().onopen();
    last().onmessage();
    last().onmessage();
    expect(onOpen.mock.calls).toEqual([[true]]);
    expect(onEvent).toHaveBeenCalledTimes(2);
  });

  it('is opened again after pauses that grow, and after a short one when it has lasted', () => {
    listen();
    for (const pause of [REOPEN_MS, REOPEN_MS * 2, REOPEN_MS * 4]) {
      const broken = last();
      broken.onerror();
      expect(broken.close).toHaveBeenCalled();
      expect(onOpen).toHaveBeenLastCalledWith(false);
      jest.advanceTimersByTime(pause - 1);
      expect(last()).toBe(broken);
      jest.advanceTimersByTime(1);
      expect(last()).not.toBe(broken);
    }
    jest.advanceTimersByTime(MAX_REOPEN_MS);
    const lasted = last();
    lasted.onerror();
    jest.advanceTimersByTime(REOPEN_MS);
    expect(last()).not.toBe(lasted);
  });

  it('leaves nothing behind when nobody listens any more', () => {
    const stop = listen();
    last().onerror();
    stop();
    jest.advanceTimersByTime(MAX_REOPEN_MS);
    expect(FakeSource.all).toHaveLength(1);

    listen()();
    expect(last().close).toHaveBeenCalled();
  });
});
