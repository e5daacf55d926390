/** What a limit counts. */
export type Unit = 'count' | 'time' | 'size';

/** Milliseconds and bytes, the largest unit first. */
const FACTORS: Readonly<Record<Exclude<Unit, 'count'>, readonly (readonly [string, number])[]>> = {
  time: [
    ['h', 3_600_000],
    ['min', 60_000],
    ['s', 1_000],
    ['ms', 1],
  ],
  size: [
    ['GiB', 1024 ** 3],
    ['MiB', 1024 ** 2],
    ['KiB', 1024],
    ['B', 1],
  ],
};

/** A limit as people write it, and as `parseQuantity` reads it back: `90000` of time is `90 s`. */
export function formatQuantity(unit: Unit, value: number): string {
  if (unit === 'count') return String(value);
  const [name, factor] = FACTORS[unit].find(([, each]) => value >= each && value % each === 0) ?? ['', 1];
  return `${value / factor} ${name}`.trim();
}

/** The milliseconds, bytes or pieces that somebody has written; null where that cannot be said, for want of a unit too. */
export function parseQuantity(unit: Unit, text: string): number | null {
  const [, digits, name = ''] = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i.exec(text.trim()) ?? [];
  if (digits === undefined) return null;
  const number = Number(digits);
  if (unit === 'count') return name === '' && Number.isSafeInteger(number) ? number : null;
  const factor = FACTORS[unit].find(([each]) => each.toLowerCase() === name.toLowerCase())?.[1];
  if (factor === undefined) return number === 0 && name === '' ? 0 : null;
  // 0.1 s is 100 ms, whatever binary fractions make of it
  const value = Math.round(number * factor * 1_000) / 1_000;
  return Number.isSafeInteger(value) ? value : null;
}

/** What to write, where `parseQuantity` gave nothing. */
export function quantityHelp(unit: Unit): string {
  if (unit === 'count') return 'Write a whole number.';
  return unit === 'time'
    ? 'Write it with its unit: 500 ms, 30 s, 5 min, 1 h.'
    : 'Write it with its unit: 512 B, 64 KiB, 10 MiB, 1 GiB.';
}
