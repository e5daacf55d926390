import { jest } from '@jest/globals';
import { MAX_OPEN_REQUESTS } from '@toru/contracts';
import type { ProtocolError } from '../protocol-error';
import type { MessageV2 } from './message-v2';
import { OwnRequest, OwnRequests } from './own-requests';

class Asked extends OwnRequest {
  readonly onAnswer = jest.fn();
  readonly onFailed = jest.fn();

  constructor(answeredBy: OwnRequest['answeredBy'] = 'http') {
    super(answeredBy);
  }
}

function answerTo(request_id: string, type = 'http'): MessageV2 {
  return { type, envelope: { type, request_id }, payload: undefined };
}

const unknownId = expect.objectContaining({ reason: 'unknown_request_id' }) as ProtocolError;

describe('the requests of a side', () => {
  function opened() {
    const sendCancel = jest.fn<(requestNumber: number) => void>();
    return { own: new OwnRequests(sendCancel), sendCancel };
  }

  /** As if it had been written. */
  function ask(own: OwnRequests, request = new Asked(), signal?: AbortSignal): Asked {
    own.add(request, { signal });
    request.isSent = true;
    return request;
  }

  it('[PRO-6] are answered once, by what answers their kind', () => {
    const { own } = opened();
    const request = ask(own);
    expect(() => own.answer(answerTo('1', 'kv'), undefined)).toThrow(unknownId);
    expect(request.onAnswer).not.toHaveBeenCalled();
    expect(own.answer(answerTo('1'), undefined)).toBe(true);
    expect(() => own.answer(answerTo('1'), undefined)).toThrow(unknownId);
    expect(request.onAnswer).toHaveBeenCalledTimes(1);
    expect(own.size).toBe(0);
  });

  it('[PRO-8] are not answered before they were asked', () => {
    const { own } = opened();
    const request = new Asked();
    own.add(request, {});
    expect(() => own.answer(answerTo('1'), undefined)).toThrow(unknownId);
    expect(request.onAnswer).not.toHaveBeenCalled();
    expect(own.isOpen(request)).toBe(true);
  });

  it.each([
    ['http', true, [1]],
    ['pong', true, []],
    ['http', false, []],
  ] as const)('[RTE-6] are cancelled where the other side knows them and works: %s, sent: %s', (kind, isSent, told) => {
    const { own, sendCancel } = opened();
    const controller = new AbortController();
    const request = ask(own, new Asked(kind), controller.signal);
    request.isSent = isSent;
    controller.abort();
    expect(request.onFailed).toHaveBeenCalledTimes(1);
    expect(sendCancel.mock.calls.flat()).toEqual(told);
    if (isSent) expect(own.answer(answerTo('1', kind), undefined)).toBe(false);
    expect(() => own.answer(answerTo('1', kind), undefined)).toThrow(unknownId);
  });

  it('[PRO-6] are as many as may be, and none of them is left by one that could not be taken up', () => {
    const { own } = opened();
    const throws = (): never => {
      throw new TypeError('no such event');
    };
    const refused = { aborted: false, reason: undefined, addEventListener: throws, removeEventListener: throws };
    expect(() => own.add(new Asked(), { signal: refused })).toThrow('no such event');
    const all = Array.from({ length: MAX_OPEN_REQUESTS }, () => ask(own));
    expect(() => own.add(new Asked(), {})).toThrow(expect.objectContaining({ kind: 'too_many_requests' }) as Error);
    const error = new Error('gone');
    own.failAll(error);
    for (const { onFailed } of all) expect(onFailed.mock.calls).toEqual([[error]]);
    expect(own.size).toBe(0);
  });

  it('[PRO-6] may be cancelled without end: an answer to any of them is late, and none to what was never asked', () => {
    const { own, sendCancel } = opened();
    const patient = ask(own);
    for (let count = 0; count < 5000; count++) {
      const controller = new AbortController();
      ask(own, new Asked(), controller.signal);
      controller.abort();
    }
    const cancelled = sendCancel.mock.calls.map(([number]) => number);
    const last = cancelled.at(-1) as number;
    for (const number of cancelled) expect(own.answer(answerTo(String(number)), undefined)).toBe(false);
    expect(() => own.answer(answerTo(String(last)), undefined)).toThrow(unknownId);
    for (const none of ['0', '-1', String(last + 1)]) {
      expect(() => own.answer(answerTo(none), undefined)).toThrow(unknownId);
    }
    expect(own.answer(answerTo('1'), undefined)).toBe(true);
    expect(patient.onAnswer).toHaveBeenCalledTimes(1);
  });
});
