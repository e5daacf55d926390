import { createHash, createHmac, createPrivateKey, createPublicKey, sign, type KeyObject } from 'node:crypto';
import { INSTANCE, NO_DATES, NOW, OTHER_INSTANCE, type LicenceVector } from './licence-vector';

interface TestKey {
  readonly id: string;
  readonly privateKey: KeyObject;
  readonly publicKey: string;
}

/** The key of a seed that anybody can make: for tests alone. */
function testKey(seed: string): TestKey {
  const header = Buffer.from('302e020100300506032b657004220420', 'hex');
  const der = Buffer.concat([header, createHash('sha256').update(seed).digest()]);
  const privateKey = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  const raw = createPublicKey(privateKey).export({ type: 'spki', format: 'der' }).subarray(-32);
  return {
    id: createHash('sha256').update(raw).digest('hex').slice(0, 16),
    privateKey,
    publicKey: raw.toString('base64'),
  };
}

const FIRST = testKey('test key 1 of Toru licences');
const SECOND = testKey('test key 2 of Toru licences');

const base64url = (data: string | Uint8Array): string => Buffer.from(data).toString('base64url');

/** Signs whatever the payload is: so nothing but the payload can be what is wrong. */
function issueText(
  payload: string | Uint8Array,
  options: { by?: TestKey; keyId?: string; prefix?: string } = {},
): string {
  const { by = FIRST, prefix = 'TORU2' } = options;
  const { keyId = by.id } = options;
  const signed = `${prefix}.${keyId}.${base64url(payload)}`;
  return `${signed}.${base64url(sign(null, Buffer.from(signed), by.privateKey))}`;
}

const PAYLOAD = {
  ...{ id: 'L-1001', plugin: 'acme', instance: INSTANCE, customer: 'Example Works', issued: '2026-11-01' },
  ...{ expires: null as unknown, updates_until: null as unknown, features: [] as unknown },
};
type Payload = Readonly<Partial<Record<keyof typeof PAYLOAD, unknown>>> & Readonly<Record<string, unknown>>;

const LAST_DAY = '2026-12-31';
const TERM = { ...PAYLOAD, expires: LAST_DAY };
const json = (payload: Payload): string => JSON.stringify({ ...PAYLOAD, ...payload });
const issue = (payload: Payload = {}): string => issueText(json(payload));
const GOOD = issue(TERM);
const [, , GOOD_PAYLOAD = '', GOOD_SIGNATURE = ''] = GOOD.split('.');

type More = Partial<Omit<LicenceVector, 'name' | 'key' | 'expect'>>;

const vector = (name: string, key: string, expect: LicenceVector['expect'], more: More = {}): LicenceVector => ({
  name,
  key,
  ...{ public_keys: [FIRST.publicKey], plugin: 'acme', instance: INSTANCE, now: NOW, ...more },
  expect,
});
const held = (name: string, key: string, payload: Payload, more: More = {}): LicenceVector => {
  const { id, plugin, instance, customer, issued, expires, updates_until, features } = { ...PAYLOAD, ...payload };
  const terms = {
    form: 'ed25519',
    instance_id: instance,
    expires,
    features,
    id,
    plugin,
    customer,
    issued,
    updates_until,
  };
  return { ...vector(name, key, 'ok', more), terms };
};
const holds = (name: string, payload: Payload = {}, more: More = {}): LicenceVector =>
  held(name, issue(payload), payload, more);
const format = (name: string, key: string, more: More = {}): LicenceVector => vector(name, key, 'format', more);

/** A member that nobody knows makes the key exactly `length` characters long. */
function ofLength(length: number): string {
  const payloadLength = length - 'TORU2.'.length - 17 - 87;
  const bytes = Math.floor((payloadLength * 3) / 4);
  return issueText(json({ note: 'x'.repeat(bytes - json({ note: '' }).length) }));
}

const OK = [
  holds('for ever, every version'),
  holds('the last second of the last day', TERM, { now: '2026-12-31T23:59:59Z' }),
  holds('the last millisecond of the last day', TERM, { now: '2026-12-31T23:59:59.999Z' }),
  holds('the last day, when it is the next one in UTC+14 already', TERM, { now: '2026-12-31T10:00:00Z' }),
  holds('29 February of a leap year', { expires: '2028-02-29' }, { now: '2028-02-29T23:59:59Z' }),
  holds('the last second that a date can name', { expires: '9999-12-31' }, { now: '9999-12-31T23:59:59Z' }),
  holds('a version of the last day of updates', { updates_until: '2027-06-30' }, { released: '2027-06-30' }),
  holds(
    'a version from before, long after the end of updates',
    { updates_until: '2027-06-30' },
    {
      ...{ released: '2026-11-21', now: '2050-01-01T00:00:00Z' },
    },
  ),
  holds('updates for ever', {}, { released: '9999-12-31' }),
  holds('the end of updates for a plugin that embeds no date', { updates_until: '2000-01-01' }),
  holds('issued tomorrow, by a clock that is ahead', { issued: '2026-11-22' }),
  holds('features', { features: ['reports', 'reports.pdf', 'x', '0-9_a', 'a'.repeat(64)] }),
  holds('a feature twice', { features: ['reports', 'reports'] }),
  holds('64 features', { features: Array.from({ length: 64 }, (_, at) => `f${at}`) }),
  holds('a customer in other letters', { customer: '\u682a\u5f0f\u4f1a\u793e \u0394\u00e9 \ud83c\udf31 "\\/" <&>' }),
  holds('a customer of 200 characters outside of the basic plane', { customer: '\ud83c\udf31'.repeat(200) }),
  holds(
    'ids of the greatest length',
    { id: `A._-${'9'.repeat(60)}`, plugin: `a${'-'.repeat(63)}` },
    {
      plugin: `a${'-'.repeat(63)}`,
    },
  ),
  holds('the plugin in other case, as from existing plugins', { plugin: 'ACME' }),
  held('members that nobody knows', issue({ seats: 5, v: { a: [null, 1.5, true] }, ['__proto__']: {} }), {}),
  held('an algorithm in the payload, which chooses nothing', issue({ alg: 'none', typ: 'JWT' }), {}),
  held(
    'members in another order',
    issueText(JSON.stringify(Object.fromEntries(Object.entries(PAYLOAD).reverse()))),
    {},
  ),
  held('JSON with white space', issueText(` ${JSON.stringify(PAYLOAD, null, 2)}\n`), {}),
  held('JSON with escapes', issueText(json({}).replace('acme', '\\u0061cm\\u0065')), {}),
  held(
    'a member twice: the last one counts',
    issueText(json({}).replace('{', '{"plugin":"other","expires":"2000-01-01",')),
    {},
  ),
  held('the first of two public keys', issue(), {}, { public_keys: [FIRST.publicKey, SECOND.publicKey] }),
  held(
    'the second of two public keys',
    issueText(json({}), { by: SECOND }),
    {},
    {
      public_keys: [FIRST.publicKey, SECOND.publicKey],
    },
  ),
  held('a public key twice', issue(), {}, { public_keys: [FIRST.publicKey, FIRST.publicKey] }),
  held('4096 characters', ofLength(4096), {}),
];

const KEYS = [
  vector('a public key that the plugin does not have', issueText(json({}), { by: SECOND }), 'key'),
  vector('no public key at all', GOOD, 'key', { public_keys: [] }),
  vector('a key id of zeros', issueText(json({}), { keyId: '0'.repeat(16) }), 'key'),
  vector(
    'an unknown key with a broken signature',
    `${issueText('{}', { by: SECOND }).slice(0, -87)}.${'A'.repeat(86)}`,
    'key',
  ),
  vector('an unknown key over no JSON', issueText('nothing', { by: SECOND }), 'key'),
  vector(
    'an unknown key over the licence of another plugin',
    issueText(json({ plugin: 'other' }), { by: SECOND }),
    'key',
  ),
];

const signatureOf = (data: Buffer): string => `TORU2.${FIRST.id}.${GOOD_PAYLOAD}.${base64url(data)}`;
const signedText = Buffer.from(`TORU2.${FIRST.id}.${GOOD_PAYLOAD}`);
const good = Buffer.from(GOOD_SIGNATURE, 'base64url');

const FORGED = [
  vector('signed by another key under this id', issueText(json({}), { by: SECOND, keyId: FIRST.id }), 'signature'),
  vector('the id of the other of two known keys', issueText(json({}), { keyId: SECOND.id }), 'signature', {
    public_keys: [FIRST.publicKey, SECOND.publicKey],
  }),
  vector('the id exchanged after signing', GOOD.replace(FIRST.id, SECOND.id), 'signature', {
    public_keys: [FIRST.publicKey, SECOND.publicKey],
  }),
  vector(
    'another payload under an old signature',
    `TORU2.${FIRST.id}.${base64url(json({}))}.${GOOD_SIGNATURE}`,
    'signature',
  ),
  vector('the payload alone signed', signatureOf(sign(null, Buffer.from(GOOD_PAYLOAD), FIRST.privateKey)), 'signature'),
  vector('the JSON alone signed', signatureOf(sign(null, Buffer.from(json(TERM)), FIRST.privateKey)), 'signature'),
  vector(
    'signed with a dot at the end',
    signatureOf(sign(null, Buffer.concat([signedText, Buffer.from('.')]), FIRST.privateKey)),
    'signature',
  ),
  vector(
    'algorithm confusion: an HMAC with the public key as its secret',
    signatureOf(createHmac('sha512', Buffer.from(FIRST.publicKey, 'base64')).update(signedText).digest()),
    'signature',
  ),
  vector('a signature of zeros', signatureOf(Buffer.alloc(64)), 'signature'),
  vector('the neutral point and zero', signatureOf(Buffer.concat([Buffer.of(1), Buffer.alloc(63)])), 'signature'),
  vector(
    'the signature in two halves exchanged',
    signatureOf(Buffer.concat([good.subarray(32), good.subarray(0, 32)])),
    'signature',
  ),
  vector(
    'a signature with the order of the group added, which says the same',
    signatureOf(withOrderAdded(good)),
    'signature',
  ),
  vector('a bad signature over no JSON', `TORU2.${FIRST.id}.${base64url('nothing')}.${GOOD_SIGNATURE}`, 'signature'),
  vector(
    'a bad signature over the ended licence of another plugin and instance',
    `TORU2.${FIRST.id}.${base64url(json({ plugin: 'other', instance: OTHER_INSTANCE, expires: '2020-01-01' }))}.${GOOD_SIGNATURE}`,
    'signature',
  ),
];

/** RFC 8032 §5.1.7: the second half is a number below the order, or else one signature has several spellings. */
function withOrderAdded(signature: Buffer): Buffer {
  const order = 2n ** 252n + 27742317777372353535851937790883648493n;
  const number = BigInt(`0x${Buffer.from(signature.subarray(32)).reverse().toString('hex')}`) + order;
  const half = Buffer.from(number.toString(16).padStart(64, '0'), 'hex').reverse();
  return Buffer.concat([signature.subarray(0, 32), half]);
}

const REFUSED = [
  vector('another plugin', issue({ plugin: 'other' }), 'plugin'),
  vector('a plugin whose id begins the same', issue({ plugin: 'acme-pro' }), 'plugin'),
  vector(
    'another plugin, another instance, ended, too new',
    issue({ plugin: 'other', instance: OTHER_INSTANCE, expires: '2020-01-01', updates_until: '2020-01-01' }),
    'plugin',
    { released: '2026-11-21' },
  ),
  vector('another instance', issue({ instance: OTHER_INSTANCE }), 'instance'),
  vector(
    'another instance, ended, too new',
    issue({ instance: OTHER_INSTANCE, expires: '2020-01-01', updates_until: '2020-01-01' }),
    'instance',
    { released: '2026-11-21' },
  ),
  vector('the first second after the last day', GOOD, 'expired', { now: '2027-01-01T00:00:00Z' }),
  vector('the day after, when it is the last one in UTC-12 still', GOOD, 'expired', { now: '2027-01-01T11:59:59Z' }),
  vector('the year 99, which is not 1999', issue({ expires: '0099-12-31' }), 'expired', {
    now: '1998-01-01T00:00:00Z',
  }),
  vector('ended, too new', issue({ expires: '2020-01-01', updates_until: '2020-01-01' }), 'expired', {
    released: '2026-11-21',
  }),
  vector('a version of the day after the end of updates', issue({ updates_until: '2027-06-30' }), 'updates', {
    released: '2027-07-01',
  }),
  vector('a version of the next year', issue({ updates_until: '2026-12-31' }), 'updates', { released: '2027-01-01' }),
];

const parts = (payload: string, signature: string, keyId = FIRST.id): string =>
  `TORU2.${keyId}.${payload}.${signature}`;

const SHAPES = [
  format('an empty text', ''),
  format('the prefix alone', 'TORU2.'),
  format('a space before', ` ${GOOD}`),
  format('a space after', `${GOOD} `),
  format('a line end after', `${GOOD}\n`),
  format('CR and LF after', `${GOOD}\r\n`),
  format('a line end within', `${GOOD.slice(0, 100)}\n${GOOD.slice(100)}`),
  format('a NUL after', `${GOOD}\u0000`),
  format('a byte order mark before', `\ufeff${GOOD}`),
  format('quotes around', `"${GOOD}"`),
  format('the prefix in lower case', issueText(json({}), { prefix: 'toru2' })),
  format('the prefix of another version', issueText(json({}), { prefix: 'TORU3' })),
  format('no prefix', GOOD.slice('TORU2.'.length)),
  format('the prefix twice', `TORU2.${GOOD}`),
  format('three parts', GOOD.slice(0, GOOD.lastIndexOf('.'))),
  format('five parts', `${GOOD}.AA`),
  format('a dot at the end', `${GOOD}.`),
  format('colons in the place of dots', GOOD.replaceAll('.', ':')),
  format('the key id in upper case', issueText(json({}), { keyId: FIRST.id.toUpperCase() })),
  format('the key id one digit too short', issueText(json({}), { keyId: FIRST.id.slice(1) })),
  format('the key id one digit too long', issueText(json({}), { keyId: `${FIRST.id}0` })),
  format('the key id with a letter that is no digit', issueText(json({}), { keyId: `g${FIRST.id.slice(1)}` })),
  format('no key id', issueText(json({}), { keyId: '' })),
  format(
    'payload with padding',
    parts(
      `${Buffer.from(json({ id: 'L' }))
        .toString('base64')
        .replace(/=*$/, '')}=`,
      GOOD_SIGNATURE,
    ),
  ),
  format(
    'payload of a length that no bytes have',
    parts(`${GOOD_PAYLOAD.slice(0, GOOD_PAYLOAD.length - (GOOD_PAYLOAD.length % 4))}A`, GOOD_SIGNATURE),
  ),
  format('payload with unused bits not zero', parts('e31', GOOD_SIGNATURE)),
  format('payload in the alphabet of Base64', parts('e+/9', GOOD_SIGNATURE)),
  format('payload empty', parts('', GOOD_SIGNATURE)),
  format('payload empty, unknown key', parts('', GOOD_SIGNATURE, SECOND.id)),
  format('signature empty', parts(GOOD_PAYLOAD, '')),
  format('signature of 63 bytes', signatureOf(good.subarray(0, 63))),
  format('signature of 65 bytes', signatureOf(Buffer.concat([good, Buffer.of(0)]))),
  format('signature of 32 bytes, as HMAC makes', signatureOf(createHmac('sha256', 'x').update(signedText).digest())),
  format('signature with padding', `${GOOD}==`),
  format(
    'signature with unused bits not zero',
    `${GOOD.slice(0, -1)}${String.fromCharCode(GOOD.charCodeAt(GOOD.length - 1) + 1)}`,
  ),
  format('signature in hexadecimal', parts(GOOD_PAYLOAD, good.toString('hex'))),
  format('signature of 63 bytes, unknown key', parts(GOOD_PAYLOAD, base64url(good.subarray(0, 63)), SECOND.id)),
  format('letters with accents', GOOD.replace('TORU2', 'T\u00d6RU2')),
  format('a Cyrillic letter that looks like one of the prefix', GOOD.replace('O', '\u041e')),
  format('4097 characters', ofLength(4097)),
  format(
    'a key of the first form',
    Buffer.from(`${INSTANCE}:never:${Buffer.alloc(32).toString('base64')}`).toString('base64'),
  ),
  format(
    'algorithm confusion: a key of the first form with the public key as its secret',
    Buffer.from(
      `${INSTANCE}:never:${createHmac('sha256', FIRST.publicKey).update(`${INSTANCE}:never`).digest('base64')}`,
    ).toString('base64'),
  ),
  format('a JSON Web Token without algorithm', 'eyJhbGciOiJub25lIn0.eyJleHBpcmVzIjpudWxsfQ.'),
];

const NO_PAYLOADS = (
  [
    ['nothing', ' '],
    ['no JSON', 'nothing'],
    ['JSON cut off', json({}).slice(0, -1)],
    ['JSON with a comma too many', json({}).replace(/}$/, ',}')],
    ['JSON with a comment', json({}).replace('{', '{/**/')],
    ['JSON with single quotes', json({}).replaceAll('"', "'")],
    ['JSON with something behind', `${json({})}{}`],
    ['JSON with a NUL behind', `${json({})}\u0000`],
    ['NaN in a member that nobody knows', json({}).replace('{', '{"x":NaN,')],
    ['Infinity in a member that nobody knows', json({}).replace('{', '{"x":-Infinity,')],
    ['a byte order mark', `\ufeff${json({})}`],
    ['a list', `[${json({})}]`],
    ['a text', JSON.stringify(json({}))],
    ['null', 'null'],
    ['a number', '1'],
    ['an empty object', '{}'],
    ['a line end in a text', json({ customer: 'A\nB' }).replace('\\n', '\n')],
  ] as const
).map(([what, payload]) => format(`payload: ${what}`, issueText(payload)));

const NO_UTF8 = (
  [
    ['a byte that is never in UTF-8', [0xff]],
    ['half of a character', [0xc3]],
    ['a character in too many bytes', [0xc0, 0xaf]],
    ['half of a pair as UTF-8', [0xed, 0xa0, 0x80]],
  ] as const
).map(([what, bytes]) => {
  const [before = '', after = ''] = json({ customer: '#' }).split('#');
  return format(
    `payload: ${what}`,
    issueText(Buffer.concat([Buffer.from(before), Buffer.from(bytes), Buffer.from(after)])),
  );
});

const without = (member: string): string =>
  JSON.stringify(Object.fromEntries(Object.entries(PAYLOAD).filter(([name]) => name !== member)));

const NO_MEMBERS = [
  ...Object.keys(PAYLOAD).map((member) => format(`no member ${member}`, issueText(without(member)))),
  ...['id', 'plugin', 'instance', 'customer', 'issued', 'features'].map((member) =>
    format(`${member}: null`, issue({ [member]: null })),
  ),
  ...Object.keys(PAYLOAD).flatMap((member) =>
    ([7, true, {}, [[]]] as const).map((value) =>
      format(`${member}: ${JSON.stringify(value)}`, issue({ [member]: value })),
    ),
  ),
  ...['issued', 'expires', 'updates_until'].flatMap((member) =>
    NO_DATES.map(([what, value]) => format(`${member}: ${what}`, issue({ [member]: value }))),
  ),
  format('expires: never', issue({ expires: 'never' })),
  format('a member in upper case', issueText(json({}).replace('"plugin"', '"Plugin"'))),
];

const NO_TEXTS = (
  [
    ['id', 'empty', ''],
    ['id', 'of 65 characters', 'x'.repeat(65)],
    ['id', 'with a space', 'L 1'],
    ['id', 'with a letter outside of ASCII', 'L\u00e9'],
    ['id', 'with a line end', 'L-1001\n'],
    ['plugin', 'empty', ''],
    ['plugin', 'of 65 characters', 'a'.repeat(65)],
    ['plugin', 'that begins with a hyphen', '-acme'],
    ['plugin', 'with a line end', 'acme\n'],
    ['plugin', 'with a Kelvin sign', '\u212aacme'],
    ['instance', 'in upper case', INSTANCE.toUpperCase()],
    ['instance', 'of version 1', '3f8e2a64-5b1c-1d7e-9a02-c6d41b7f0e58'],
    ['instance', 'with a line end', `${INSTANCE}\n`],
    ['instance', 'that is a star', '*'],
    ['customer', 'empty', ''],
    ['customer', 'of 201 characters', 'x'.repeat(201)],
    ['customer', 'of 201 characters outside of the basic plane', '\ud83c\udf31'.repeat(201)],
    ['customer', 'with a NUL', 'A\u0000B'],
    ['customer', 'with a line end', 'A\nB'],
    ['customer', 'with DEL', 'A\u007fB'],
    ['customer', 'with NEL, a control character of Latin 1', 'A\u0085B'],
    ['customer', 'with half of a pair', 'A\ud83cB'],
    ['features', 'that are 65', Array.from({ length: 65 }, (_, at) => `f${at}`)],
    ['features', 'with an empty name', ['']],
    ['features', 'with a name of 65 characters', ['a'.repeat(65)]],
    ['features', 'with a name in upper case', ['Reports']],
    ['features', 'with a name that begins with a dot', ['.reports']],
    ['features', 'with a name with a space', ['a b']],
    ['features', 'with a name with a line end', ['reports\n']],
    ['features', 'with a number', [1]],
    ['features', 'with null', ['reports', null]],
    ['features', 'as one text', 'reports'],
  ] as const
).map(([member, what, value]) => format(`${member} ${what}`, issue({ [member]: value })));

export const ED25519_VECTORS: readonly LicenceVector[] = [
  ...[...OK, ...KEYS, ...FORGED, ...REFUSED, ...SHAPES, ...NO_PAYLOADS, ...NO_UTF8, ...NO_MEMBERS, ...NO_TEXTS],
];
