import { jest } from '@jest/globals';
import { Deadline } from './deadline';

describe('Deadline', () => {
  const onPassed = jest.fn();

  beforeEach(() => {
    jest.useFakeTimers();
    onPassed.mockClear();
  });

  afterEach(() => {
    jest.useRealTimers();
  });

  it('[PRO-8] passes once, so long after it began', () => {
    const deadline = new Deadline(100, onPassed);
    deadline.begin();
    jest.advanceTimersByTime(60);
    deadline.begin();
    jest.advanceTimersByTime(39);
    expect(onPassed).not.toHaveBeenCalled();
    jest.advanceTimersByTime(1);
    expect(onPassed).toHaveBeenCalledTimes(1);
    jest.advanceTimersByTime(1000);
    expect(onPassed).toHaveBeenCalledTimes(1);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('[PRO-8] counts from where it last began', () => {
    const deadline = new Deadline(100, onPassed);
    deadline.begin();
    jest.advanceTimersByTime(60);
    deadline.end();
    deadline.begin();
    expect(jest.getTimerCount()).toBe(1);
    jest.advanceTimersByTime(60);
    deadline.restart();
    jest.advanceTimersByTime(99);
    expect(onPassed).not.toHaveBeenCalled();
    jest.advanceTimersByTime(1);
    expect(onPassed).toHaveBeenCalledTimes(1);
  });

  it('[PRO-8] does not pass where it ended, and leaves no timer behind', () => {
    const deadline = new Deadline(100, onPassed);
    deadline.begin();
    deadline.end();
    jest.advanceTimersByTime(200);
    expect(jest.getTimerCount()).toBe(0);
    deadline.begin();
    deadline.close();
    expect(jest.getTimerCount()).toBe(0);
    expect(onPassed).not.toHaveBeenCalled();
  });
});
