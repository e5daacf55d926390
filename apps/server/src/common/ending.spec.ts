import { jest } from '@jest/globals';
import { Ending } from './ending';

describe('Ending', () => {
  it('calls its listeners once, in their order, and tells the first reason', () => {
    const ending = new Ending();
    const calls: string[] = [];
    const gone = jest.fn();
    ending.addEventListener('abort', () => calls.push('first'));
    ending.addEventListener('abort', gone);
    ending.addEventListener('abort', () => calls.push('second'));
    ending.removeEventListener('abort', gone);
    expect(ending.aborted).toBe(false);
    const reason = new Error('the client left');
    ending.abort(reason);
    ending.abort(new Error('too late'));
    expect({ aborted: ending.aborted, reason: ending.reason, calls }).toEqual({
      ...{ aborted: true, reason, calls: ['first', 'second'] },
    });
    expect(gone).not.toHaveBeenCalled();
  });

  it('calls nobody who comes afterwards, as a signal does', () => {
    const ending = new Ending();
    ending.abort();
    const late = jest.fn();
    ending.addEventListener('abort', late);
    expect(ending.reason).toBeInstanceOf(Error);
    expect(late).not.toHaveBeenCalled();
  });
});
