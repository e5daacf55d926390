import { createHash, createHmac } from 'node:crypto';
import { INSTANCE, NO_DATES, NOW, OTHER_INSTANCE, type LicenceVector } from './licence-vector';

const SECRET = 'test secret, for nothing but tests';

const base64 = (data: string | Uint8Array): string => Buffer.from(data).toString('base64');
const hmac = (text: string, secret = SECRET, algorithm = 'sha256'): Buffer =>
  createHmac(algorithm, secret).update(text).digest();
const keyOf = (...fields: string[]): string => base64(fields.join(':'));

/** As the rule says, whatever the fields are: so nothing but the fields can be what is wrong. */
const issue = (instance: string, expiry: string, secret = SECRET): string =>
  keyOf(instance, expiry, base64(hmac(`${instance}:${expiry}`, secret)));

const LAST_DAY = '2026-12-31';
const GOOD = issue(INSTANCE, LAST_DAY);
const TEXT = `${INSTANCE}:${LAST_DAY}`;
const SIGNATURE = base64(hmac(TEXT));

/** The last character before the padding, exchanged for one whose unused bits are not zero. */
function withUnusedBits(text: string): string {
  const at = text.indexOf('=') - 1;
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
  return `${text.slice(0, at)}${alphabet[alphabet.indexOf(text[at] ?? '') + 1] ?? ''}${text.slice(at + 1)}`;
}

type More = Partial<Omit<LicenceVector, 'name' | 'key' | 'expect'>>;

const vector = (name: string, key: string, expect: LicenceVector['expect'], more: More = {}): LicenceVector => ({
  name,
  key,
  ...{ secret: SECRET, instance: INSTANCE, now: NOW, ...more },
  expect,
});
const holds = (name: string, expiry: string, more: More = {}): LicenceVector => ({
  ...vector(name, issue(INSTANCE, expiry, more.secret), 'ok', more),
  terms: { form: 'hmac', instance_id: INSTANCE, expires: expiry === 'never' ? null : expiry, features: [] },
});
const format = (name: string, key: string, more: More = {}): LicenceVector => vector(name, key, 'format', more);

const OK = [
  holds('a date to come', '2027-06-30'),
  holds('never', 'never'),
  holds('never, in the year 9999', 'never', { now: '9999-12-31T23:59:59Z' }),
  holds('the first second of the last day', LAST_DAY, { now: '2026-12-31T00:00:00Z' }),
  holds('the last day, when it is the next one in UTC+14 already', LAST_DAY, { now: '2026-12-31T10:00:00Z' }),
  holds('the last second of the last day', LAST_DAY, { now: '2026-12-31T23:59:59Z' }),
  holds('the last millisecond of the last day', LAST_DAY, { now: '2026-12-31T23:59:59.999Z' }),
  holds('29 February of a leap year', '2028-02-29', { now: '2028-02-29T23:59:59Z' }),
  holds('29 February of 2000, which was a leap year', '2000-02-29', { now: '2000-02-29T12:00:00Z' }),
  holds('the last second that a date can name', '9999-12-31', { now: '9999-12-31T23:59:59Z' }),
  holds('a secret of one byte', LAST_DAY, { secret: 'x' }),
  holds('a secret as long as a block of SHA-256', LAST_DAY, { secret: '0123456789abcdef'.repeat(4) }),
  holds('a secret longer than a block of SHA-256', LAST_DAY, { secret: '0123456789abcdef'.repeat(5) }),
  holds('a secret in other letters, as UTF-8', LAST_DAY, { secret: 'Schl\u00fcssel \u5bc6\u94a5 \ud83d\udd11' }),
  holds('a secret with white space around it, which belongs to it', LAST_DAY, { secret: ' secret\n' }),
];

const ENDED = [
  vector('the first second after the last day', GOOD, 'expired', { now: '2027-01-01T00:00:00Z' }),
  vector('the day after, when it is the last one in UTC-12 still', GOOD, 'expired', { now: '2027-01-01T11:59:59Z' }),
  vector('years later', GOOD, 'expired', { now: '2036-01-01T00:00:00Z' }),
  vector('after 29 February', issue(INSTANCE, '2028-02-29'), 'expired', { now: '2028-03-01T00:00:00Z' }),
  vector('the year 99, which is not 1999', issue(INSTANCE, '0099-12-31'), 'expired', { now: '1998-01-01T00:00:00Z' }),
  vector('the first date of all', issue(INSTANCE, '0001-01-01'), 'expired', { now: '1970-01-01T00:00:00Z' }),
];

const OTHERS = [
  vector('another instance', GOOD, 'instance', { instance: OTHER_INSTANCE }),
  vector('another instance, and ended', GOOD, 'instance', { instance: OTHER_INSTANCE, now: '2027-01-01T00:00:00Z' }),
  vector('another instance, never', issue(OTHER_INSTANCE, 'never'), 'instance'),
];

const FORGED = [
  vector('another secret', issue(INSTANCE, LAST_DAY, 'another secret'), 'signature'),
  vector('the secret with a line end', issue(INSTANCE, LAST_DAY, `${SECRET}\n`), 'signature'),
  vector('the secret in another normal form of Unicode', issue(INSTANCE, LAST_DAY, 'Schlu\u0308ssel'), 'signature', {
    secret: 'Schl\u00fcssel',
  }),
  vector('the secret in upper case', issue(INSTANCE, LAST_DAY, SECRET.toUpperCase()), 'signature'),
  vector('a later date under an old signature', keyOf(INSTANCE, '2099-12-31', SIGNATURE), 'signature'),
  vector('never under the signature of a date', keyOf(INSTANCE, 'never', SIGNATURE), 'signature'),
  vector('another instance under an old signature', keyOf(OTHER_INSTANCE, LAST_DAY, SIGNATURE), 'signature', {
    instance: OTHER_INSTANCE,
  }),
  vector('a signature of zeros', keyOf(INSTANCE, LAST_DAY, base64(new Uint8Array(32))), 'signature'),
  vector('the signature of the instance alone', keyOf(INSTANCE, LAST_DAY, base64(hmac(INSTANCE))), 'signature'),
  vector('a signature with a colon after the date', keyOf(INSTANCE, LAST_DAY, base64(hmac(`${TEXT}:`))), 'signature'),
  vector(
    'SHA-512 cut to 32 bytes',
    keyOf(INSTANCE, LAST_DAY, base64(hmac(TEXT, SECRET, 'sha512').subarray(0, 32))),
    'signature',
  ),
  vector(
    'SHA-256 of secret and text, which is no HMAC',
    keyOf(INSTANCE, LAST_DAY, base64(createHash('sha256').update(`${SECRET}${TEXT}`).digest())),
    'signature',
  ),
  vector('another secret, another instance and ended', issue(OTHER_INSTANCE, '2020-01-01', 'another'), 'signature'),
];

const CODED_WRONGLY = [
  format('an empty text', ''),
  format('a word', 'never'),
  format('the fields without Base64', `${TEXT}:${SIGNATURE}`),
  format('a space before', ` ${GOOD}`),
  format('a space after', `${GOOD} `),
  format('a line end after', `${GOOD}\n`),
  format('CR and LF after', `${GOOD}\r\n`),
  format('a tab before', `\t${GOOD}`),
  format('a line end within', `${GOOD.slice(0, 64)}\n${GOOD.slice(64)}`),
  format('a space within', `${GOOD.slice(0, 20)} ${GOOD.slice(20)}`),
  format('a NUL after', `${GOOD}\u0000`),
  format('a byte order mark before', `\ufeff${GOOD}`),
  format('a no-break space after', `${GOOD}\u00a0`),
  format('quotes around', `"${GOOD}"`),
  format('the last character lost', GOOD.slice(0, -1)),
  format('the first character lost', GOOD.slice(1)),
  format('one padding character too many', `${GOOD}=`),
  format('four padding characters after a whole key', `${issue(INSTANCE, 'never')}====`),
  format('a key twice', `${GOOD}${GOOD}`),
  format('a key encoded twice', base64(GOOD)),
  format('letters with accents', `\u00e9${GOOD.slice(1)}`),
  format('5000 times A', 'A'.repeat(5000)),
];

/** A key with a date needs one padding character, one with `never` needs none. */
const OUTER = [
  format('outer padding missing', GOOD.replace(/=+$/, '')),
  format('outer padding where none is due', `${issue(INSTANCE, 'never')}=`),
  format('outer unused bits not zero', withUnusedBits(GOOD)),
  format('a character of the alphabet of URLs', `_${GOOD.slice(1)}`),
];

const SIGNATURES = [
  format('signature missing', keyOf(INSTANCE, LAST_DAY)),
  format('signature empty', keyOf(INSTANCE, LAST_DAY, '')),
  format('signature of 31 bytes', keyOf(INSTANCE, LAST_DAY, base64(hmac(TEXT).subarray(0, 31)))),
  format('signature of 33 bytes', keyOf(INSTANCE, LAST_DAY, base64(Buffer.concat([hmac(TEXT), Buffer.of(0)])))),
  format('signature of 16 bytes', keyOf(INSTANCE, LAST_DAY, base64(hmac(TEXT).subarray(0, 16)))),
  format('signature of SHA-1', keyOf(INSTANCE, LAST_DAY, base64(hmac(TEXT, SECRET, 'sha1')))),
  format('signature of SHA-512', keyOf(INSTANCE, LAST_DAY, base64(hmac(TEXT, SECRET, 'sha512')))),
  format('signature in hexadecimal', keyOf(INSTANCE, LAST_DAY, hmac(TEXT).toString('hex'))),
  format('signature without padding', keyOf(INSTANCE, LAST_DAY, SIGNATURE.slice(0, -1))),
  format('signature with padding twice', keyOf(INSTANCE, LAST_DAY, `${SIGNATURE}=`)),
  format('signature with unused bits not zero', keyOf(INSTANCE, LAST_DAY, withUnusedBits(SIGNATURE))),
  format('signature with a line end', keyOf(INSTANCE, LAST_DAY, `${SIGNATURE}\n`)),
  format('signature with a space before', keyOf(INSTANCE, LAST_DAY, ` ${SIGNATURE}`)),
  format(
    'signature in the alphabet of URLs',
    keyOf(INSTANCE, '2027-01-13', urlAlphabet(base64(hmac(`${INSTANCE}:2027-01-13`)))),
  ),
  format('fields in another order', keyOf(LAST_DAY, INSTANCE, base64(hmac(`${LAST_DAY}:${INSTANCE}`)))),
  format('four fields', keyOf(INSTANCE, LAST_DAY, SIGNATURE, 'x')),
  format('a colon at the end', keyOf(INSTANCE, LAST_DAY, SIGNATURE, '')),
  format('a colon at the beginning', keyOf('', INSTANCE, LAST_DAY, SIGNATURE)),
  format('semicolons', base64([INSTANCE, LAST_DAY, SIGNATURE].join(';'))),
  format('bytes that are not UTF-8', base64(Buffer.concat([Buffer.from(`${TEXT}:${SIGNATURE}`), Buffer.of(0xff)]))),
  format('a byte order mark inside', base64(`\ufeff${TEXT}:${SIGNATURE}`)),
];

function urlAlphabet(text: string): string {
  const changed = text.replaceAll('+', '-').replaceAll('/', '_');
  if (changed === text) throw new Error(`${text} is the same in both alphabets: choose another date`);
  return changed;
}

const INSTANCES = (
  [
    ['in upper case', INSTANCE.toUpperCase()],
    ['of version 1', '3f8e2a64-5b1c-1d7e-9a02-c6d41b7f0e58'],
    ['of version 7', '3f8e2a64-5b1c-7d7e-9a02-c6d41b7f0e58'],
    ['of another variant', '3f8e2a64-5b1c-4d7e-ca02-c6d41b7f0e58'],
    ['of zeros', '00000000-0000-0000-0000-000000000000'],
    ['without hyphens', INSTANCE.replaceAll('-', '')],
    ['in braces', `{${INSTANCE}}`],
    ['as a URN', `urn-uuid-${INSTANCE}`],
    ['with a space after it', `${INSTANCE} `],
    ['with a line end', `${INSTANCE}\n`],
    ['with a letter that is no digit', INSTANCE.replace('3f', '3g')],
    ['that is empty', ''],
    ['that is a star', '*'],
  ] as const
).map(([what, instance]) => format(`an instance ${what}`, issue(instance, 'never'), { instance }));

const EXPIRIES = [
  ...NO_DATES,
  ['Never', 'Never'],
  ['NEVER', 'NEVER'],
  ['never with a space', 'never '],
  ['never with a line end', 'never\n'],
  ['none', 'none'],
  ['null', 'null'],
].map(([what = '', expiry = '']) => format(`expiry: ${what}`, issue(INSTANCE, expiry)));

const CONFUSED = [
  format(
    'a key of the second form',
    `TORU2.0123456789abcdef.${Buffer.from('{}').toString('base64url')}.${'A'.repeat(86)}`,
  ),
  format('the prefix of the second form', `TORU2.${GOOD}`),
  format('a JSON Web Token without algorithm', 'eyJhbGciOiJub25lIn0.eyJleHBpcnkiOiJuZXZlciJ9.'),
];

export const HMAC_VECTORS: readonly LicenceVector[] = [
  ...[...OK, ...ENDED, ...OTHERS, ...FORGED],
  ...[...CODED_WRONGLY, ...OUTER, ...SIGNATURES, ...INSTANCES, ...EXPIRIES, ...CONFUSED],
];
