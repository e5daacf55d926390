import fc from 'fast-check';
import { anyCharacter } from './any-character';

describe('any character', () => {
  it('is of every plane, and makes the names that objects bring along', () => {
    const texts = fc.sample(fc.string({ unit: anyCharacter(fc) }), { seed: 20_261_121, numRuns: 300 });

    expect(texts).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/[\u{10000}-\u{10ffff}]/u),
        expect.stringMatching(/__|prototype|constructor|toString|valueOf/),
      ]),
    );
  });

  it.each(['a', '\0', '\ud7ff', '\ue000', '\u{10ffff}'])('knows %j again', (character) => {
    expect(anyCharacter(fc).canShrinkWithoutContext(character)).toBe(true);
  });

  it.each(['', 'ab', '\ud800', '\udfff'])('is not %j', (text) => {
    expect(anyCharacter(fc).canShrinkWithoutContext(text)).toBe(false);
  });
});
