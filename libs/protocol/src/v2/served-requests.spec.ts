import fc from 'fast-check';
import { Served } from './incoming-request';
import type { RequestKey } from './message-v2';
import { ServedRequests } from './served-requests';

describe('the requests that are served', () => {
  it('[PRO-6] are found by their ids alone, whatever comes and goes', () => {
    const key = fc.constantFrom<RequestKey[]>(1, 2, 1025, 2049, 2 ** 40 + 1, 10 ** 15 - 1, '01', 'a', '__proto__', '');
    const step = fc.record({ key, kind: fc.constantFrom('add', 'take', 'get') });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
        const served = new ServedRequests();
        const model = new Map<RequestKey, Served>();
        for (const { key: one, kind } of steps) {
          const known = model.get(one);
          expect(served.get(one)).toBe(known);
          if (kind === 'add' && !known) {
            const request = new Served(one, undefined);
            served.add(request);
            model.set(one, request);
          } else if (kind === 'take' && known) {
            expect(served.take(new Served(one, undefined))).toBe(false);
            expect(served.take(known)).toBe(true);
            expect(served.take(known)).toBe(false);
            model.delete(one);
          }
          expect(served.size).toBe(model.size);
        }
        expect(new Set(served.takeAll())).toEqual(new Set(model.values()));
        expect(served.size).toBe(0);
        expect(served.get(1)).toBeUndefined();
      }),
    );
  });
});
