import { decodeFailedV2 } from './lifecycle-v2';

describe('decodeFailedV2', () => {
  it.each([
    ['license', 'license'],
    ['config', 'config'],
    ['internal', 'internal'],
    ['of versions to come', 'internal'],
  ])('[LIC-3] [SUP-10] the code %s counts as %s, and the words are those of the plugin', (code, counts) => {
    expect(decodeFailedV2({ code, message: 'no key' })).toEqual({ code: counts, message: 'no key' });
  });

  it.each([
    [undefined, 'it said failed without a code and without a message'],
    [{ code: null, message: null }, 'it said failed without a code and without a message'],
    [{ code: 'odd', message: { a: 1 } }, 'it said failed with the code "odd" and with a message that is no text'],
    [{ code: 7, message: ' \n' }, 'it said failed with a code that is no text and with an empty message'],
    [{ code: '', message: '' }, 'it said failed with an empty code and with an empty message'],
    [{ code: 'license', message: 7 }, 'it said failed with the code "license" and with a message that is no text'],
    [{ code: 'x\n'.repeat(100) }, `it said failed with the code "${'x\\n'.repeat(32)}" and without a message`],
  ])('[PRO-8] of %j without words: what came', (payload, message) => {
    expect(decodeFailedV2(payload).message).toBe(message);
  });

  it('[PRO-8] no more is kept of a message than people read', () => {
    expect(decodeFailedV2({ code: 'config', message: 'x'.repeat(5000) }).message).toBe('x'.repeat(1000));
  });
});
