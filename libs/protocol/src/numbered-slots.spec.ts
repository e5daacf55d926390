import fc from 'fast-check';
import { NumberedSlots } from './numbered-slots';

describe('NumberedSlots', () => {
  it('is a map of numbers that count up, whatever comes and goes', () => {
    const step = fc.oneof({ weight: 3, arbitrary: fc.constant('add' as const) }, fc.nat());
    fc.assert(
      fc.property(fc.array(step, { maxLength: 600 }), (steps) => {
        const slots = new NumberedSlots<{ number: number }>();
        const model = new Map<number, { number: number }>();
        let last = 0;
        for (const given of steps) {
          if (given === 'add') {
            const item = { number: 0 };
            const number = slots.add(item);
            expect(number).toBeGreaterThan(last);
            expect(item.number).toBe(number);
            last = number;
            model.set(number, item);
          } else {
            const number = given % (last + 2);
            expect(slots.get(number)).toBe(model.get(number));
            expect(slots.take(number)).toBe(model.get(number));
            model.delete(number);
            expect(slots.take(number)).toBeUndefined();
          }
          expect(slots.size).toBe(model.size);
        }
        expect(slots.all()).toEqual([...model.values()]);
      }),
      { numRuns: 100 },
    );
  });

  it('finds what has been there for long, and nothing for what is no number of its own', () => {
    const slots = new NumberedSlots<{ number: number }>();
    const old = { number: 0 };
    slots.add(old);
    let last = 0;
    for (let count = 0; count < 10_000; count++) slots.take((last = slots.add({ number: 0 })));
    expect(last).toBeGreaterThan(10_000);
    expect(slots.get(1)).toBe(old);
    for (const none of [0, -1, 1.5, 65, last, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53]) {
      expect(slots.take(none)).toBeUndefined();
    }
    expect(slots.all()).toEqual([old]);
  });
});
