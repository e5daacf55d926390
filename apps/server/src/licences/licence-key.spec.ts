import fc from 'fast-check';
import { maskKey, parseKey } from './licence-key';

describe('licence keys', () => {
  it('[LIC-1] shows at most eight characters of a key, and none of a short one', () => {
    expect(maskKey('abcdefghijklmnopqrstuvwx')).toBe('abcd…uvwx');
    expect(maskKey('abcdefghijklmnopqrstuvw')).toBe('••••••••');
    fc.assert(
      fc.property(fc.string({ minLength: 1, maxLength: 60, unit: 'grapheme-ascii' }), (key) => {
        const shown = maskKey(key).replace(/[…•]/g, '');
        return shown.length <= 8 && (shown === '' || key.length >= 3 * shown.length);
      }),
    );
  });

  it('[LIC-1] takes a key as people paste it, and says nothing of one that it refuses', () => {
    expect(parseKey(' \tTORU2.abc.def+/= \r\n')).toEqual({ ok: true, key: 'TORU2.abc.def+/=' });
    for (const text of ['se\u0000cret', 'se\u200bcret', 'se\ncret', 'se\u001b[0mcret', 'sécret']) {
      const parsed = parseKey(text);
      expect(parsed).toMatchObject({ ok: false });
      expect(JSON.stringify(parsed)).not.toContain('cret"');
    }
  });
});
