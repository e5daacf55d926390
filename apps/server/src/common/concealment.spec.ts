import { Concealment } from './concealment';

describe('Concealment', () => {
  it('faults 18: strikes out what its owner was handed, also in JSON with escaped slashes', () => {
    const concealment = new Concealment();
    concealment.add('Acme', 'a/secret/of+acme=');

    expect(concealment.in('acme', 'is a/secret/of+acme= twice a/secret/of+acme=')).toBe(
      'is [redacted] twice [redacted]',
    );
    expect(concealment.in('ACME', String.raw`{"key":"a\/secret\/of+acme="}`)).toBe('{"key":"[redacted]"}');
    expect(concealment.in('other', 'a/secret/of+acme=')).toBe('a/secret/of+acme=');
    const value = { deep: [{ key: 'x a/secret/of+acme= y' }], n: 1 };
    expect(concealment.inValue('acme', value)).toEqual({ deep: [{ key: 'x [redacted] y' }], n: 1 });
    expect(value.deep[0]?.key).toContain('secret');
  });

  it('faults 18: remembers the ones before, and leaves words alone that a short secret would be a part of', () => {
    const concealment = new Concealment();
    for (const secret of ['the first one', 'the second one', 'key']) concealment.add('acme', secret);

    expect(concealment.in('acme', 'the first one, the second one: keyboard')).toBe('[redacted], [redacted]: keyboard');
  });
});
