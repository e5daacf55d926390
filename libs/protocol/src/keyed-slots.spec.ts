import fc from 'fast-check';
import { KeyedSlots } from './keyed-slots';
import { Slots } from './slots';

describe('Slots', () => {
  it('is a set, whatever comes and goes', () => {
    const step = fc.oneof(fc.constant('add' as const), fc.nat(20));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const slots = new Slots<{ n: number }>();
        const model = new Map<number, { n: number }>();
        let n = 0;
        for (const given of steps) {
          if (given === 'add') {
            const item = { n: n++ };
            const slot = slots.add(item);
            expect(model.has(slot)).toBe(false);
            model.set(slot, item);
          } else {
            expect(slots.at(given)).toBe(model.get(given));
            expect(slots.take(given)).toBe(model.get(given));
            model.delete(given);
            expect(slots.take(given)).toBeUndefined();
          }
          expect(slots.size).toBe(model.size);
        }
        expect(new Set(slots.all())).toEqual(new Set(model.values()));
      }),
    );
  });
});

describe('KeyedSlots', () => {
  it('is a map, whatever comes and goes', () => {
    const key = fc.constantFrom('a', 'b', 'c', '__proto__', '0');
    const step = fc.record({ key, kind: fc.constantFrom('add', 'take', 'get') });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
        const slots = new KeyedSlots<{ n: number }>();
        const model = new Map<string, { n: number }>();
        for (const [n, { key: one, kind }] of steps.entries()) {
          if (kind === 'add' && !model.has(one)) {
            slots.add(one, { n });
            model.set(one, { n });
          } else if (kind === 'take') {
            expect(slots.take(one)).toEqual(model.get(one));
            model.delete(one);
          }
          expect(slots.get(one)).toEqual(model.get(one));
          expect(slots.size).toBe(model.size);
        }
        expect(slots.takeAll()).toEqual([...model.values()]);
        expect(slots.size).toBe(0);
      }),
    );
  });
});
