import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { anyCharacter } from '@toru/testing';
import fc from 'fast-check';
import {
  daysLeft,
  endOfDay,
  generateSigningKey,
  inspectLicence,
  isCalendarDate,
  isExpired,
  issueEd25519Licence,
  issueHmacLicence,
  parseLicenceRequest,
  readSigningKey,
  signingKeyPem,
  verifyEd25519Licence,
  verifyHmacLicence,
  writeLicenceRequest,
  type LicenceTerms,
} from './index';
import { ED25519_VECTORS } from './testing/ed25519-vectors';
import { HMAC_VECTORS } from './testing/hmac-vectors';
import { INSTANCE, OTHER_INSTANCE } from './testing/licence-vector';

const SECRET = 'test secret';
const now = new Date('2026-11-21T12:00:00Z');
const signingKey = generateSigningKey();
const publicKeys = [signingKey.publicKey];

const instances = fc.uuid({ version: 4 });
const dates = fc
  .date({ min: new Date('2026-11-21T00:00:00Z'), max: new Date('9999-12-31T00:00:00Z'), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, 10));
const customers = fc
  .string({ unit: anyCharacter(fc), minLength: 1, maxLength: 100 })
  .filter((text) => !/\p{Cc}/u.test(text));
const features = fc.array(fc.stringMatching(/^[a-z0-9][a-z0-9._-]{0,20}$/), { maxLength: 8 });
const ids = fc.stringMatching(/^[A-Za-z0-9._-]{1,64}$/);

describe('licence keys', () => {
  it('[LIC-2] of the first form hold where they were made for, and say what was put in', () => {
    const secrets = fc.oneof(fc.string({ minLength: 1 }), fc.uint8Array({ minLength: 1, maxLength: 100 }));
    fc.assert(
      fc.property(secrets, instances, fc.option(dates), (secret, instanceId, expires) => {
        const issued = issueHmacLicence({ secret, instanceId, expires });
        const verdict = verifyHmacLicence(issued.ok ? issued.key : '', { secret, instanceId, now });

        expect(verdict).toEqual({ ok: true, terms: { form: 'hmac', instanceId, expires, features: [] } });
      }),
    );
  });

  it('[LIC-6] of the second form hold where they were made for, and say what was put in', () => {
    const plugins = fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,63}$/);
    const orders = fc.record({
      ...{ id: ids, plugin: plugins, instanceId: instances, customer: customers, issued: dates },
      ...{ expires: fc.option(dates), updatesUntil: fc.option(dates), features },
    });
    fc.assert(
      fc.property(orders, (order) => {
        const issued = issueEd25519Licence({ signingKey, ...order });
        const key = issued.ok ? issued.key : '';
        const { plugin: pluginId, instanceId } = order;

        expect(verifyEd25519Licence(key, { publicKeys, pluginId, instanceId, now })).toEqual({
          ok: true,
          terms: { form: 'ed25519', ...order },
        });
        expect(inspectLicence(key)).toEqual({
          ok: true,
          terms: { form: 'ed25519', ...order },
          keyId: signingKey.keyId,
        });
      }),
    );
  });

  it('[LIC-2] [LIC-6] that are any other text are refused, and nothing is thrown', () => {
    const check = { instanceId: INSTANCE, now };
    const known = [HMAC_VECTORS, ED25519_VECTORS].flat().map(({ key }) => key);
    const twisted = fc
      .tuple(fc.constantFrom(...known), fc.nat(), fc.nat(), fc.string({ unit: anyCharacter(fc), maxLength: 4 }))
      .map(([key, from, length, text]) => {
        const at = from % (key.length + 1);
        return `${key.slice(0, at)}${text}${key.slice(at + (length % 8))}`;
      })
      .filter((key) => !known.includes(key));
    const texts = fc.oneof(
      fc.string({ unit: anyCharacter(fc) }),
      fc.base64String(),
      twisted,
      fc.stringMatching(/^TORU2\..*$/),
    );
    fc.assert(
      fc.property(texts, (key) => {
        expect(verifyHmacLicence(key, { secret: SECRET, ...check }).ok).toBe(false);
        expect(verifyEd25519Licence(key, { publicKeys, pluginId: 'acme', ...check }).ok).toBe(false);
        expect(parseLicenceRequest(key).ok).toBe(false);
        inspectLicence(key);
      }),
      { numRuns: 1000 },
    );
  });

  it.each(['Etc/GMT+12', 'Pacific/Kiritimati'])(
    '[LIC-2] [LIC-6] are judged the same where the clock shows %s',
    (TZ) => {
      const output = execFileSync(process.execPath, [program], { env: { TZ }, encoding: 'utf8' });

      expect(JSON.parse(output)).toEqual({
        offset: TZ === 'Etc/GMT+12' ? 720 : -840,
        verdicts: [...HMAC_VECTORS, ...ED25519_VECTORS].map(({ expect: wanted }) => wanted),
      });
    },
  );

  let program: string;
  beforeAll(async () => {
    program = join(mkdtempSync(join(tmpdir(), 'toru-z-')), 'verdicts.mjs');
    const entryPoints = [new URL('testing/verdicts.main.ts', import.meta.url).pathname];
    await build({ entryPoints, outfile: program, bundle: true, format: 'esm', platform: 'node' });
  });
  afterAll(() => {
    rmSync(join(program, '..'), { recursive: true });
  });

  it.each([
    [{ instanceId: INSTANCE.toUpperCase(), expires: null }, 'instance'],
    [{ instanceId: INSTANCE, expires: '2026-02-30' }, 'expires'],
    [{ instanceId: INSTANCE, expires: 'never' }, 'expires'],
  ])('[LIC-4] of the first form are not made of %j', (order, field) => {
    expect(issueHmacLicence({ secret: SECRET, ...order })).toMatchObject({ ok: false, field });
  });

  it.each([
    ['an id with a space', { id: 'L 1' }, 'id'],
    ['no plugin', { plugin: '' }, 'plugin'],
    ['no instance', { instanceId: 'x' }, 'instance'],
    ['a customer with a line end', { customer: 'A\nB' }, 'customer'],
    ['half of a character', { customer: 'A\ud83c' }, 'customer'],
    ['month 13', { issued: '2026-13-01' }, 'issued'],
    ['a short date', { expires: '2026-1-1' }, 'expires'],
    ['30 February', { updatesUntil: '2026-02-30' }, 'updates_until'],
    ['a feature in upper case', { features: ['Reports'] }, 'features'],
    [
      'more than 4096 characters',
      { features: Array.from({ length: 64 }, (_, at) => `${'x'.repeat(60)}${at}`) },
      'features',
    ],
  ])('[LIC-4] [LIC-6] of the second form are not made of %s', (_, more, field) => {
    const order = { id: 'L-1', plugin: 'acme', instanceId: INSTANCE, customer: 'A', issued: '2026-11-21' };
    const terms = { expires: null, updatesUntil: null, features: [] };

    expect(issueEd25519Licence({ signingKey, ...order, ...terms, ...more })).toMatchObject({ ok: false, field });
  });

  it('are verified with something, or a check is wrong: that is told, not answered', () => {
    const check = { pluginId: 'acme', instanceId: INSTANCE, now };

    expect(() => verifyHmacLicence('', { secret: '', instanceId: INSTANCE, now })).toThrow(TypeError);
    expect(() => issueHmacLicence({ secret: new Uint8Array(), instanceId: INSTANCE, expires: null })).toThrow(
      TypeError,
    );
    expect(() => verifyEd25519Licence('', { ...check, publicKeys: ['AA=='] })).toThrow(TypeError);
    expect(() => verifyEd25519Licence('', { ...check, publicKeys: [new Uint8Array(31)] })).toThrow(TypeError);
    expect(() => verifyEd25519Licence('', { ...check, publicKeys, released: '2026-02-30' })).toThrow(TypeError);
  });

  it('[LIC-2] do not hold where the time is none', () => {
    const issued = issueHmacLicence({ secret: SECRET, instanceId: INSTANCE, expires: '9999-12-31' });
    const check = { secret: SECRET, instanceId: INSTANCE, now: new Date(NaN) };

    expect(verifyHmacLicence(issued.ok ? issued.key : '', check)).toMatchObject({ ok: false, reason: 'expired' });
  });
});

describe('dates of licences', () => {
  it('[LIC-2] are those that a calendar has', () => {
    fc.assert(fc.property(dates, (date) => isCalendarDate(date)));
    const days = Array.from(
      { length: 12 * 31 },
      (_, at) => `2100-${String(Math.floor(at / 31) + 1).padStart(2, '0')}-${String((at % 31) + 1).padStart(2, '0')}`,
    );

    expect(days.filter(isCalendarDate)).toHaveLength(365);
    expect(new Date(endOfDay('0099-12-31')).toISOString()).toBe('0100-01-01T00:00:00.000Z');
  });

  it.each([
    ['2026-11-20', 0, true],
    ['2026-11-21', 1, false],
    ['2026-11-22', 2, false],
    ['2027-11-21', 366, false],
    [null, null, false],
  ])('[LIC-5] to the end of %s there are %p days left on 21 November 2026', (expires, left, ended) => {
    const terms: LicenceTerms = { form: 'hmac', instanceId: INSTANCE, expires, features: [] };
    for (const time of ['2026-11-21T00:00:00Z', '2026-11-21T23:59:59.999Z']) {
      expect([daysLeft(terms, new Date(time)), isExpired(terms, new Date(time))]).toEqual([left, ended]);
    }
  });
});

describe('keys of vendors', () => {
  it('[LIC-6] are read back from PEM', () => {
    expect(readSigningKey(signingKeyPem(signingKey))).toMatchObject({
      ok: true,
      signingKey: { keyId: signingKey.keyId, publicKey: signingKey.publicKey },
    });
  });

  it('[LIC-6] are for Ed25519 and nothing else', () => {
    const { privateKey, publicKey } = generateKeyPairSync('ed448');
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

    expect(readSigningKey(pem)).toMatchObject({ ok: false, message: 'is a key for ed448, not for Ed25519' });
    for (const text of ['', 'nothing', publicKey.export({ type: 'spki', format: 'pem' }).toString()]) {
      expect(readSigningKey(text)).toMatchObject({ ok: false, message: expect.stringContaining('no private key') });
    }
  });
});

describe('requests for licences', () => {
  const request = { plugin: 'acme', instanceId: INSTANCE, customer: 'Žofie', version: '1.2.0', created: now };
  const text = writeLicenceRequest(request);
  const changed = (more: object): string => JSON.stringify({ ...(JSON.parse(text) as object), ...more });

  it('[LIC-4] are read as they were written', () => {
    expect(JSON.parse(text)).toEqual({
      ...{ toru_licence_request: 1, plugin: 'acme', instance: INSTANCE, customer: 'Žofie', version: '1.2.0' },
      created: '2026-11-21T12:00:00.000Z',
    });
    expect(parseLicenceRequest(text)).toEqual({ ok: true, request });
    expect(parseLicenceRequest(changed({ version: undefined, more: 1, instance: OTHER_INSTANCE })).ok).toBe(true);
  });

  it.each([
    ['not JSON with one object', '[]'],
    ['not JSON', '{'],
    ['no member toru_licence_request', '{}'],
    ['newer toru', changed({ toru_licence_request: 2 })],
    ['no plugin', changed({ plugin: '../x' })],
    ['no instance', changed({ instance: INSTANCE.toUpperCase() })],
    ['no customer', changed({ customer: '' })],
    ['no customer', changed({ customer: '\u001b[2J' })],
    ['has a version', changed({ version: 'a\nb' })],
    ['no time', changed({ created: '2026-02-30' })],
    ['no time', changed({ created: '2026-13-01T00:00:00Z' })],
    ['longer than', changed({ note: 'x'.repeat(70_000) })],
  ])('[LIC-4] are refused with what is wrong: %s', (problem, given) => {
    expect(parseLicenceRequest(given)).toMatchObject({ ok: false, message: expect.stringContaining(problem) });
  });
});
