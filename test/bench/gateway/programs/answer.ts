const LENGTH = 1024;

/** What every peer answers to `GET /bench/json`: its JSON has 1,024 bytes, and each handler makes it anew each time. */
export const ANSWER = padded({
  items: Array.from({ length: 7 }, (_, n) => ({
    ...{ id: `item-${n}`, name: `Item number ${n}`, state: n % 2 === 0 ? 'running' : 'stopped' },
    ...{ count: n * 1000, ratio: n / 8, tags: ['a', 'b'] },
  })),
  total: 7,
});

function padded(value: object): object {
  return { ...value, note: '.'.repeat(LENGTH - JSON.stringify({ ...value, note: '' }).length) };
}
