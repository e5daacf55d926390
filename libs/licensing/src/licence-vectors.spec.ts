import { readFileSync, writeFileSync } from 'node:fs';
import { generatedSection } from '@toru/testing';
import { inspectLicence } from './inspect-licence';
import { bitFlips } from './testing/bit-flips';
import { ED25519_VECTORS } from './testing/ed25519-vectors';
import { HMAC_VECTORS } from './testing/hmac-vectors';
import type { LicenceVector } from './testing/licence-vector';
import { vectorTerms, verdictOf } from './testing/verdict-of';

const FILES = { hmac: HMAC_VECTORS, ed25519: ED25519_VECTORS } as const;
/** The flips of longer keys say nothing more, and there are ten thousands of them. */
const LONGEST_FLIPPED = 600;

const folder = new URL('../../contracts/vectors/licences/', import.meta.url);
const textOf = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

/** With `UPDATE_DOCS=1` in the environment, `wanted` is written there first. */
function committed(file: string, wanted: string): string {
  if (process.env['UPDATE_DOCS'] === '1') writeFileSync(new URL(file, folder), wanted);
  return readFileSync(new URL(file, folder), 'utf8');
}

/** The vectors that hold, one for each key. */
function flipped(vectors: readonly LicenceVector[]): LicenceVector[] {
  const holding = vectors.filter(({ expect, key }) => expect === 'ok' && key.length <= LONGEST_FLIPPED);
  return holding.filter(({ key }, at) => holding.findIndex((other) => other.key === key) === at);
}

const flips = Object.fromEntries(
  Object.entries(FILES).map(([form, vectors]) => [
    form,
    Object.fromEntries(flipped(vectors).map((vector) => [vector.name, bitFlips(vector)])),
  ]),
);

describe.each(['hmac', 'ed25519'] as const)('the vectors of %s', (form) => {
  const vectors = FILES[form];

  it('are what their generator makes (UPDATE_DOCS=1 writes them anew), each with a name of its own', () => {
    expect(committed(`${form}.json`, textOf(vectors))).toBe(textOf(vectors));
    expect(new Set(vectors.map(({ name }) => name)).size).toBe(vectors.length);
  });

  it.each(vectors.map((vector) => [vector.name, vector] as const))('[LIC-2] [LIC-6] %s', (_, vector) => {
    const verdict = verdictOf(vector);

    expect(verdict.ok ? 'ok' : verdict.reason).toBe(vector.expect);
    expect(verdict.ok ? vectorTerms(verdict.terms) : undefined).toEqual(vector.terms);
  });

  it('are shown by inspect where they hold', () => {
    for (const vector of vectors.filter(({ expect }) => expect === 'ok')) {
      const inspection = inspectLicence(vector.key);

      expect(inspection.ok && vectorTerms(inspection.terms)).toEqual(vector.terms);
    }
  });

  it('[LIC-2] [LIC-6] hold with no bit changed, wherever it is', () => {
    expect(
      Object.values(flips[form] ?? {})
        .flat()
        .join(''),
    ).toMatch(/^[fks]+$/);
  });
});

it('the reasons for changed bits are what this library says (UPDATE_DOCS=1 writes them anew)', () => {
  expect(committed('bit-flips.json', textOf(flips))).toBe(textOf(flips));
});

it('docs/licences.md shows one vector of each form (UPDATE_DOCS=1 writes them anew)', () => {
  const shown = [HMAC_VECTORS, ED25519_VECTORS].map((vectors) =>
    vectors.find(({ expect: wanted, terms }) => wanted === 'ok' && terms?.['expires'] === null)!,
  );
  const text = `\`\`\`text\n${JSON.stringify(shown, null, 2)}\n\`\`\``;

  expect(generatedSection('docs/licences.md', 'vectors', text)).toBe(text);
});
