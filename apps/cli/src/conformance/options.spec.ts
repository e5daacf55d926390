import { isSelected } from './options';

describe('isSelected', () => {
  it.each([
    ['v2/cancel', [], [], true],
    ['v2/cancel', ['v2'], [], true],
    ['v2/cancel', ['v2/can'], [], true],
    ['v2/cancel', ['v1', 'v2/cancel'], [], true],
    ['v2/cancel', ['v1'], [], false],
    ['v2/cancel', ['cancel'], [], false],
    ['v2/cancel', [], ['v2/c'], false],
    ['v2/cancel', ['v2'], ['v2/cancel'], false],
  ])('[LANG-4] %s of only %j and skip %j: %s', (id, only, skip, expected) => {
    expect(isSelected(id, { only, skip })).toBe(expected);
  });
});
