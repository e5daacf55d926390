import fc from 'fast-check';
import {
  asRecord,
  asString,
  field,
  isWellFormed,
  MAX_JSON_DEPTH,
  MAX_JSON_VALUES,
  parseJsonBytes,
  parseJsonText,
} from './json';
import { jsonSource } from './json-source';
import { ProtocolError } from './protocol-error';

const nested = (depth: number): string => `{"a":${'['.repeat(depth - 1)}${']'.repeat(depth - 1)}}`;

describe('parseJsonBytes', () => {
  it.each([
    ['bad UTF-8', Buffer.from([0x7b, 0x22, 0xc3, 0x28, 0x22, 0x7d]), 'invalid_utf8'],
    ['an encoded surrogate', Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22]), 'invalid_utf8'],
    ['a byte order mark', Buffer.from('\ufeff{}'), 'byte_order_mark'],
    ['no JSON', Buffer.from('<html>'), 'invalid_json'],
    ['nothing', Buffer.alloc(0), 'invalid_json'],
    ['trailing text', Buffer.from('{} {}'), 'invalid_json'],
    ['a list', Buffer.from('[]'), 'not_an_object'],
    ['null', Buffer.from('null'), 'not_an_object'],
    ['a text', Buffer.from('"{}"'), 'not_an_object'],
    ['one level too many', Buffer.from(nested(MAX_JSON_DEPTH + 1)), 'too_deep'],
    ['a depth bomb', Buffer.from('{"a":' + '['.repeat(4_000_000)), 'too_deep'],
    ['objects without end', Buffer.from('{"a":'.repeat(1_000_000)), 'too_deep'],
    ['too many values', Buffer.from(`{"a":[${'0,'.repeat(MAX_JSON_VALUES)}0]}`), 'too_many_values'],
  ])('[PRO-8] refuses %s', (_name, bytes, reason) => {
    expect(() => parseJsonBytes(bytes)).toThrow(expect.objectContaining({ name: 'ProtocolError', reason }));
  });

  it('[PRO-8] takes the deepest allowed level, and brackets inside of strings for what they are', () => {
    expect(() => parseJsonText(nested(MAX_JSON_DEPTH))).not.toThrow();
    expect(parseJsonText(JSON.stringify({ a: '[{"\\'.repeat(1000) })).value).toEqual({ a: '[{"\\'.repeat(1000) });
  });

  it('[PRO-8] throws nothing but ProtocolError, whatever the bytes', () => {
    const bytes = fc.oneof(
      fc.uint8Array(),
      fc.json().map((text) => Buffer.from(text)),
      fc
        .string({ unit: fc.constantFrom('{', '}', '[', ']', '"', '\\', ',', ':', '1', ' ') })
        .map((t) => Buffer.from(t)),
    );
    fc.assert(
      fc.property(bytes, (given) => {
        try {
          parseJsonBytes(given);
        } catch (error) {
          expect(error).toBeInstanceOf(ProtocolError);
        }
      }),
    );
  });

  it('[PRO-8] reads prototype names as plain data and pollutes nothing', () => {
    const { value } = parseJsonText('{"__proto__":{"polluted":"yes"},"constructor":{"prototype":{"polluted":"yes"}}}');
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
    expect(field(value, 'polluted')).toBeUndefined();
    expect(asRecord(value, '__proto__')).toEqual({ polluted: 'yes' });
    const empty = parseJsonText('{}').value;
    for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty']) {
      expect(field(empty, name)).toBeUndefined();
      expect(asString(empty, name)).toBeUndefined();
      expect(asRecord(empty, name)).toBeUndefined();
    }
  });

  it('[PRO-8] lets the last of duplicate keys count', () => {
    expect(asString(parseJsonText('{"a":"1","a":"2"}').value, 'a')).toBe('2');
  });
});

describe('jsonSource', () => {
  it('[PRO-7] keeps a value as it was written, numbers and escapes included', () => {
    const parsed = parseJsonText(
      '{ "b": { "n" : 12345678901234567890, "x":[ 1.10, -0, 1E400 ], "s":"a \\u00e9 \\" b" } }',
    );
    expect(jsonSource(parsed, ['b'])).toBe('{"n":12345678901234567890,"x":[1.10,-0,1E400],"s":"a \\u00e9 \\" b"}');
    expect(jsonSource(parsed, ['b', 'n'])).toBe('12345678901234567890');
  });

  it('[PRO-7] finds the value that JSON.parse would give', () => {
    expect(jsonSource(parseJsonText('{"a":{"k":1},"a":{"k":2,"\\u006b":[3]}}'), ['a', 'k'])).toBe('[3]');
    const key = fc.oneof(fc.string(), fc.constantFrom('body', '__proto__', '"', '\\'));
    const space = fc.constantFrom(0, 1, '\t', '\n ');
    fc.assert(
      fc.property(
        fc.dictionary(key, fc.jsonValue({ maxDepth: 4 })),
        key,
        fc.jsonValue(),
        space,
        (record, name, value, indent) => {
          const pairs = [...Object.entries(record), [name, value] as const];
          const text = JSON.stringify({ outer: Object.fromEntries(pairs) }, null, indent);
          expect(jsonSource(parseJsonText(text), ['outer', name])).toBe(JSON.stringify(value));
        },
      ),
    );
  });
});

describe('isWellFormed', () => {
  it.each([
    ['', true],
    ['a😀ž', true],
    ['\ud83d', false],
    ['\ude00\ud83d', false],
  ])('[PRO-7] judges %j as %p', (text, expected) => {
    expect(isWellFormed(text)).toBe(expected);
  });
});
