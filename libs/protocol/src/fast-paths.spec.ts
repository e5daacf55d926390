import type { JsonValue } from '@toru/contracts';
import fc from 'fast-check';
import { decodeHeaders } from './header-fields';
import { MAX_JSON_DEPTH, MAX_JSON_VALUES, parseJsonText } from './json';
import { ProtocolError } from './protocol-error';

/** What something gives, or the reason why it refuses. */
function verdict<T>(run: () => T): T | string {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    return error.reason;
  }
}

/** The rules of a document's size, character by character, for every text alike. */
function strictSize(text: string): string | undefined {
  let [depth, deepest, values, inString] = [0, 0, 1, false];
  for (let i = 0; i < text.length && deepest <= MAX_JSON_DEPTH; i++) {
    const char = text.charAt(i);
    if (inString) {
      if (char === '\\') i++;
      else inString = char !== '"';
    } else if (char === '"') inString = true;
    else if (char === ',') values++;
    else if (char === '{' || char === '[') {
      values++;
      deepest = Math.max(deepest, ++depth);
    } else if (char === '}' || char === ']') depth--;
  }
  if (deepest > MAX_JSON_DEPTH) return 'too_deep';
  return values > MAX_JSON_VALUES ? 'too_many_values' : undefined;
}

function strictParse(text: string): unknown {
  if (text.startsWith('\ufeff')) throw new ProtocolError('byte_order_mark', '');
  const size = strictSize(text);
  if (size !== undefined) throw new ProtocolError(size as 'too_deep', '');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new ProtocolError('invalid_json', '');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new ProtocolError('not_an_object', '');
  return value;
}

/** The rules of header fields, each field taken in the general way. */
function strictHeaders(given: JsonValue | undefined): unknown {
  if (given === undefined || given === null) return [];
  if (typeof given !== 'object' || Array.isArray(given)) throw new ProtocolError('invalid_header', '');
  const headers = new Map<string, { values: string[]; isList: boolean }>();
  let size = 0;
  for (const [name, value] of Object.entries<JsonValue>(given)) {
    if (!/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(name)) throw new ProtocolError('invalid_header', '');
    const list: readonly JsonValue[] = value === null ? [] : Array.isArray(value) ? value : [value];
    const texts = list.map((item) => {
      const isScalar = typeof item === 'string' || typeof item === 'number' || typeof item === 'boolean';
      if (!isScalar) throw new ProtocolError('invalid_header', '');
      const isLarge = typeof item === 'number' && Math.abs(item) > Number.MAX_SAFE_INTEGER;
      const text = String(item);
      if (isLarge || !/^[\t\x20-\x7e\x80-\xff]*$/.test(text)) throw new ProtocolError('invalid_header', '');
      return text;
    });
    if (texts.length === 0) continue;
    for (const text of texts) size += name.length + text.length;
    if (size > 64 * 1024) throw new ProtocolError('headers_too_large', '');
    const before = headers.get(name.toLowerCase());
    const values = [...(before?.values ?? []), ...texts];
    headers.set(name.toLowerCase(), { values, isList: values.length > 1 || Array.isArray(value) });
  }
  return [...headers].map(([name, { values, isList }]) => [name, isList ? values : values[0]]);
}

describe('the fast paths of the decoder', () => {
  it('[PRO-8] judge the size of a document as the strict reader does, around its limits and inside of strings', () => {
    const piece = fc.constantFrom('{', '[', '}', ']', '"', '\\', ',', ':', '1', '"a":', '{"a":[', ']}', '"[{"', '\\"');
    const run = fc.tuple(
      fc.constantFrom('[', '{"a":', '[]', '"[",', '"{', ']', '[1,'),
      fc.integer({ min: 0, max: 70 }),
    );
    const text = fc
      .array(
        fc.oneof(
          piece,
          run.map(([part, times]) => part.repeat(times)),
        ),
        { maxLength: 12 },
      )
      .map((parts) => parts.join(''));
    const document = fc.oneof(
      text,
      text.map((inner) => `{"a":${inner}}`),
      text.map((inner) => JSON.stringify({ a: inner })),
      fc.json(),
    );
    fc.assert(
      fc.property(document, (given) => {
        expect(verdict(() => parseJsonText(given).value)).toEqual(verdict(() => strictParse(given)));
      }),
      { numRuns: 3000 },
    );
  });

  it.each([MAX_JSON_VALUES - 3, MAX_JSON_VALUES - 2, MAX_JSON_VALUES - 1])(
    '[PRO-8] judge the number of values as the strict reader does: %i commas',
    (commas) => {
      const text = `{"a":[0${',0'.repeat(commas)}]}`;
      expect(verdict(() => typeof parseJsonText(text).value)).toBe(verdict(() => typeof strictParse(text)));
      const only = ','.repeat(commas + 1);
      expect(verdict(() => parseJsonText(only).value)).toBe(verdict(() => strictParse(only)));
    },
  );

  it('[PRO-8] judge header fields as the strict reader does, and give the same ones in the same order', () => {
    const name = fc.oneof(
      fc.constantFrom('a', 'A', 'x-a', 'X-A', '__proto__', 'content-type', 'Content-Type', '', 'ž', 'a b', 'a\n'),
      fc.string({ maxLength: 6 }),
    );
    const scalar = fc.oneof(
      fc.constantFrom('', '1', ' a ', 'a\tb', 'a\nb', 'ÿ', 'ž', '\u007f', 'x'.repeat(40_000)),
      fc.string(),
      fc.constantFrom(5, -0, 1e300, 2 ** 53, true, null),
      fc.jsonValue() as fc.Arbitrary<JsonValue>,
    );
    const value = fc.oneof(scalar, fc.array(scalar, { maxLength: 3 }));
    const fields = fc
      .array(fc.tuple(name, value), { maxLength: 8 })
      .map((pairs) => Object.fromEntries(pairs) as JsonValue);
    fc.assert(
      fc.property(fc.oneof(fields, scalar), (given) => {
        expect(verdict(() => [...decodeHeaders(given)])).toEqual(verdict(() => strictHeaders(given)));
      }),
      { numRuns: 3000 },
    );
  });
});
