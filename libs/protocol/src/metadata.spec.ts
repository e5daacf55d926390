import { RESERVED_IDS } from '@toru/contracts';
import { anyCharacter } from '@toru/testing';
import fc from 'fast-check';
import { MAX_METADATA_BYTES, parseMetadata } from './metadata';

const acme = { id: 'acme', name: 'Acme', version: '1.2.0', icon: '🧩', route: '/acme' };
const parse = (value: unknown) => parseMetadata(Buffer.from(JSON.stringify(value)));
const reasonOf = (value: unknown): string => {
  const result = parse(value);
  return result.ok ? 'accepted' : result.reason;
};

describe('parseMetadata', () => {
  it('[META-1] fills in what is absent', () => {
    expect(parse(acme)).toEqual({
      ok: true,
      metadata: { ...acme, protocol: 1, public_paths: [], license: 'none' },
    });
  });

  it('[META-1] takes every field, and ignores unknown ones', () => {
    const full = {
      ...acme,
      author: 'Žofie Nováková',
      description: 'Two\nlines',
      homepage: 'https://acme.example/docs?x=1',
      protocol: 2,
      public_paths: ['/webhook/*', '/status', '/', '/a.b/c-d'],
      settings_schema: { type: 'object', properties: { port: { type: 'integer' } } },
      license: 'required',
    };
    expect(parse({ ...full, unknown: { deep: [1] }, toString: 'x' })).toEqual({ ok: true, metadata: full });
  });

  it('[META-1] takes null for an absent optional field', () => {
    const { author, homepage, settings_schema, protocol } = {
      author: null,
      homepage: null,
      settings_schema: null,
      protocol: null,
    };
    expect(parse({ ...acme, author, homepage, settings_schema, protocol })).toEqual(parse(acme));
  });

  it('[META-1] keeps an id with capital letters as it was printed', () => {
    expect(parse({ ...acme, id: 'AcMe-2' })).toMatchObject({ ok: true, metadata: { id: 'AcMe-2' } });
  });

  it.each([
    ['nothing', '', 'is empty'],
    ['a byte order mark', '\ufeff{}', 'byte order mark'],
    ['text after it', `${JSON.stringify(acme)}\nready`, 'nothing may come after it'],
    ['text before it', `starting\n${JSON.stringify(acme)}`, 'does not begin with {'],
    ['HTML', '<!doctype html><p>hi', 'HTML'],
    ['a list', '[]', 'one JSON object'],
    ['a depth bomb', `{"a":${'['.repeat(30_000)}`, 'too deep'],
    ['more than 64 KiB', ' '.repeat(MAX_METADATA_BYTES + 1), `longer than ${MAX_METADATA_BYTES} bytes`],
  ])('[META-1] refuses %s', (_name, text, reason) => {
    expect(parseMetadata(Buffer.from(text))).toEqual({ ok: false, reason: expect.stringContaining(reason) });
  });

  it('[META-1] refuses bad UTF-8', () => {
    const bytes = Buffer.from(JSON.stringify(acme));
    bytes[10] = 0xff;
    expect(parseMetadata(bytes)).toEqual({ ok: false, reason: 'The metadata is not valid UTF-8' });
  });

  it.each<[field: string, values: unknown[]]>([
    ['id', [null, 1, '', '-a', 'a_b', 'a/b', 'a b', 'ačme', 'a'.repeat(65), '..', '%61', 'a\n', '__proto__']],
    [
      'route',
      [null, 1, '', '/', 'acme', '/a/b', '/a/', '//a', '/..', '/%61', '/-a', `/${'a'.repeat(65)}`, '/a\n', '/a?x'],
    ],
    ['name', [null, 1, '', '  ', 'a\u0000', 'a\u001b[31m', 'a\nb', 'a\u202eb', 'a\u2066b', '\ud800', 'x'.repeat(101)]],
    ['version', [null, 1, '', '1\r2', 'x'.repeat(65)]],
    ['icon', [null, {}, '', '\u001b', '🧩'.repeat(17)]],
    ['author', [1, '', '\u009b31m', '😀'.repeat(101)]],
    ['description', [[], '\u0007', 'a\u2028b', 'x'.repeat(1001)]],
    [
      'homepage',
      [1, '', 'acme.example', 'javascript:alert(1)', 'data:text/html,x', 'file:///etc', 'https://u:p@a.example'],
    ],
    ['protocol', [0, 3, '2', 1.5, true]],
    ['license', ['', 'None', true]],
    ['settings_schema', [true, [], 'x', JSON.parse('{"a":{"__proto__":{}}}')]],
    [
      'public_paths',
      [
        '/a',
        {},
        [1],
        [''],
        ['a'],
        ['/../a'],
        ['/a/..'],
        ['/./a'],
        ['/a*'],
        ['/*/a'],
        ['//a'],
        ['/%2e%2e/a'],
        ['/a?b'],
        ['/a\\b'],
        ['/č'],
        [`/${'a'.repeat(256)}`],
        Array(65).fill('/a'),
      ],
    ],
  ])('[META-1] [ISO-4] refuses a wrong %s by name', (name, values) => {
    for (const value of values)
      expect(reasonOf({ ...acme, [name]: value })).toMatch(new RegExp(`^${name} (is|must) [^;]*$`));
  });

  it('[META-1] counts code points, and takes as many as the limit says', () => {
    const longest = {
      name: '😀'.repeat(100),
      author: 'x'.repeat(100),
      version: 'v'.repeat(64),
      icon: '🧩'.repeat(16),
      description: 'x'.repeat(1000),
    };
    expect(parse({ ...acme, ...longest })).toMatchObject({ ok: true, metadata: longest });
  });

  it.each(RESERVED_IDS.map((name) => [name]))('[META-1] refuses the reserved name %s as id and route', (name) => {
    const upper = name.toUpperCase();
    for (const id of [name, upper]) expect(reasonOf({ ...acme, id })).toMatch(/^id /);
    for (const route of [`/${name}`, `/${upper}`]) expect(reasonOf({ ...acme, route })).toMatch(/^route /);
  });

  it('[META-1] [ISO-4] lists all problems together', () => {
    expect(
      reasonOf({ id: '', route: 'x', protocol: 9 })
        .split('; ')
        .map((part) => part.split(' ')[0])
        .sort(),
    ).toEqual(['icon', 'id', 'name', 'protocol', 'route', 'version']);
  });

  it("[META-1] never throws, and never puts the plugin's text into the reason", () => {
    const value = fc.oneof(fc.jsonValue(), fc.string({ unit: anyCharacter(fc) }));
    const fields = fc.constantFrom(...Object.keys(acme), 'author', 'public_paths', 'settings_schema', '__proto__');
    fc.assert(
      fc.property(fc.dictionary(fields, value), (given) => {
        const result = parse({ ...acme, ...given });
        if (!result.ok) expect(result.reason).toMatch(/^[\x20-\x7e]+$/);
      }),
    );
    fc.assert(fc.property(fc.uint8Array(), (bytes) => expect(parseMetadata(bytes).ok).toBe(false)));
  });
});

describe('limits', () => {
  const withLimits = (limits: unknown): ReturnType<typeof parseMetadata> =>
    parseMetadata(Buffer.from(JSON.stringify({ id: 'a', name: 'a', version: '1', icon: 'x', route: '/a', limits })));

  it('[META-1] are the four that are known, each where it is given', () => {
    const limits = { memory_bytes: 1, open_files: 2, processes: null, colour: 'red' };
    expect(withLimits(limits)).toMatchObject({ metadata: { limits: { memory_bytes: 1, open_files: 2 } } });
    expect(withLimits(null)).not.toHaveProperty('metadata.limits');
  });

  it.each([[[]], ['1'], [{ memory_bytes: 0 }], [{ cpu_percent: 1.5 }], [{ processes: '3' }], [{ open_files: -1 }]])(
    '[META-1] %j are refused',
    (limits) => {
      expect(withLimits(limits)).toMatchObject({ ok: false, reason: expect.stringMatching(/^limits/) });
    },
  );
});
