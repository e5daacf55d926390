import type { KvAnswer, ProblemDetails } from '@toru/contracts';
import { startHost, type TestHost } from '../support/host';
import { rawRequest } from '../support/raw-request';

const KEY_BYTES = 512;
const VALUE_BYTES = 1024 * 1024;
const OK = '200';

/** JSON texts of keys, as they are sent, and the one verdict that each database must give. */
const KEYS: readonly (readonly [string, string, string])[] = [
  ['an empty key', '""', '400 kv_key_invalid'],
  ['NUL', '"a\\u0000b"', '400 kv_key_invalid'],
  ['NUL alone', '"\\u0000"', '400 kv_key_invalid'],
  ['half of a pair, the first', '"\\ud800"', '400 kv_key_invalid'],
  ['half of a pair, the second', '"x\\udc00"', '400 kv_key_invalid'],
  ['the halves in the wrong order', '"\\udc00\\ud800"', '400 kv_key_invalid'],
  ['a pair, escaped', '"\\ud83d\\udc18"', OK],
  ['the longest key', `"${'k'.repeat(KEY_BYTES)}"`, OK],
  ['one byte more', `"${'k'.repeat(KEY_BYTES + 1)}"`, '400 kv_key_invalid'],
  ['the longest key of characters of two bytes', `"${'ü'.repeat(KEY_BYTES / 2)}"`, OK],
  ['one of them more', `"${'ü'.repeat(KEY_BYTES / 2 + 1)}"`, '400 kv_key_invalid'],
  ['a prototype name', '"__proto__"', OK],
  ['spaces and control characters', '" \\t\\u007f\\u0001 "', OK],
  ['SQL', '"\'; DROP TABLE plugin_kv; --"', OK],
  ['wildcards', '"%_\\\\"', OK],
  ['what is no character', '"\\uffff\\ufffe"', OK],
  ['no text', '5', '400 validation_failed'],
  ['null', 'null', '400 validation_failed'],
  ['a list', '["k"]', '400 validation_failed'],
];

const VALUES: readonly (readonly [string, string, string])[] = [
  ['an empty value', '""', OK],
  ['NUL', '"a\\u0000b"', '400 kv_value_invalid'],
  ['half of a pair', '"\\ud800"', '400 kv_value_invalid'],
  ['half of a pair before a letter', '"\\udbffx"', '400 kv_value_invalid'],
  ['emoji, right to left, combining marks', '"🐘 שלום e\\u0301 \\u202e"', OK],
  ['line ends as they are', '"a\\r\\nb\\rc\\n"', OK],
  ['the largest value', `"${'v'.repeat(VALUE_BYTES)}"`, OK],
  ['the largest value, each character escaped', `"${'\\u0041'.repeat(VALUE_BYTES)}"`, OK],
  ['one byte more', `"${'v'.repeat(VALUE_BYTES + 1)}"`, '413 kv_value_too_large'],
  ['one byte more in characters of four', `"${'🐘'.repeat(VALUE_BYTES / 4)}v"`, '413 kv_value_too_large'],
  ['more than any request may have', `"${'v'.repeat(8 * VALUE_BYTES)}"`, '413 payload_too_large'],
  ['nothing', 'null', '400 kv_value_invalid'],
  ['no text', '{"a":1}', '400 validation_failed'],
];

/** The same table runs on SQLite and on PostgreSQL. */
describe('keys and values at the edges', () => {
  let host: TestHost;
  let cookie: string;

  beforeAll(async () => {
    host = await startHost({ plugins: { alpha: {} } });
    cookie = await host.adminCookie();
    await host.untilPlugin('alpha', 'running');
  });
  afterAll(() => host.dispose());

  async function send(body: string): Promise<readonly [string, KvAnswer]> {
    const headers = { cookie, 'content-type': 'application/json' };
    const { status, text } = await rawRequest(host.url, '/api/plugins/alpha/kv', { method: 'POST', headers, body });
    const answer = JSON.parse(text) as KvAnswer & Partial<ProblemDetails>;
    return [answer.code === undefined ? String(status) : `${status} ${answer.code}`, answer];
  }
  const get = async (key: string): Promise<string | null> => (await send(`{"action":"get","key":${key}}`))[1].value;

  it.each(KEYS)('faults 29: key, %s', async (_, key, verdict) => {
    const [first] = await send(`{"action":"set","key":${key},"value":"found again"}`);
    const [second, answer] = await send(`{"action":"get","key":${key}}`);

    expect([first, second]).toEqual([verdict, verdict]);
    if (verdict === OK) expect(answer.value).toBe('found again');
  });

  it.each(VALUES)('faults 29: value, %s', async (name, value, verdict) => {
    const key = JSON.stringify(`value ${name}`);

    expect((await send(`{"action":"set","key":${key},"value":${value}}`))[0]).toBe(verdict);
    expect((await get(key)) === (verdict === OK ? JSON.parse(value) : null)).toBe(true);
  });

  it('faults 29: keys that only look alike are different keys', async () => {
    const alike = [
      '"\\u00e9"',
      '"e\\u0301"',
      '"E\\u0301"',
      '"K"',
      '"\\u212a"',
      '"k"',
      '"k "',
      '"ﬁ"',
      '"fi"',
      '"ß"',
      '"ss"',
    ];
    for (const key of alike) await send(`{"action":"set","key":${key},"value":${JSON.stringify(key)}}`);

    for (const key of alike) expect(await get(key)).toBe(key);
  });

  it('faults 29: many writers of one key: one of them was the last', async () => {
    const writers = Array.from({ length: 40 }, (_, i) => String(i));
    const verdicts = await Promise.all(
      writers.map((value) => send(`{"action":"set","key":"raced","value":"${value}"}`)),
    );

    expect(verdicts.map(([verdict]) => verdict)).toEqual(writers.map(() => OK));
    expect(writers).toContain(await get('"raced"'));
  });
});
