import type fc from 'fast-check';

/** Halves of surrogate pairs are no characters. */
const FIRST_HALF = 0xd800;
const HALVES = 0x800;
const LAST = 0x10_ffff;

/**
 * Any one character, as the unit of `fc.string` called `binary`: the same ones in the same order, but computed. The table
 * of all of them takes more than a second and a hundred megabytes in each spec file that asks for it.
 */
export function anyCharacter(fast: typeof fc): fc.Arbitrary<string> {
  return fast.nat(LAST - HALVES).map(characterOf, indexOf);
}

function characterOf(index: number): string {
  return String.fromCodePoint(index < FIRST_HALF ? index : index + HALVES);
}

/** Throws for what is not one character: fast-check learns so what it may shrink. */
function indexOf(character: unknown): number {
  const point = typeof character === 'string' ? character.codePointAt(0) : undefined;
  const index = point === undefined || point < FIRST_HALF ? point : point - HALVES;
  if (index === undefined || characterOf(index) !== character) throw new TypeError('It is not one character.');
  return index;
}
