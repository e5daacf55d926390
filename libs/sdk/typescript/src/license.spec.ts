import type { LogV2 } from '@toru/contracts';
import { generateSigningKey, issueEd25519Licence, issueHmacLicence, type IssueResult } from '@toru/licensing';
import { jest } from '@jest/globals';
import type { LicenseCheck } from './license';
import { LicenseError } from './plugin-errors';
import type { PluginContext } from './plugin-context';
import { HostSide, textOf } from './testing/host-side';

const INSTANCE = '3f8e2a64-5b1c-4d7e-9a02-c6d41b7f0e58';
const SECRET = 'test secret, for nothing but tests';
const signingKey = generateSigningKey();
const PUBLIC_KEYS: LicenseCheck = { publicKeys: [generateSigningKey().publicKey, signingKey.publicKey] };

const keyOf = (result: IssueResult): string => (result.ok ? result.key : '');
const hmacKey = (expires: string | null, instanceId = INSTANCE): string =>
  keyOf(issueHmacLicence({ secret: SECRET, instanceId, expires }));
const ed25519Key = (more: { readonly plugin?: string; readonly updatesUntil?: string } = {}): string =>
  keyOf(
    issueEd25519Licence({
      ...{ signingKey, id: 'L-1', plugin: 'acme', instanceId: INSTANCE, customer: 'Žofie', issued: '2026-11-21' },
      ...{ expires: null, updatesUntil: '2027-06-30', features: ['reports'], ...more },
    }),
  );

describe('licences of plugins', () => {
  const running: HostSide[] = [];
  const logged: LogV2[] = [];

  beforeEach(() => {
    jest.spyOn(console, 'error').mockReturnValue();
    logged.length = 0;
  });
  afterEach(async () => {
    for (const host of running.splice(0)) {
      await host.connection.close();
      await host.exitStatus;
    }
    jest.restoreAllMocks();
    jest.useRealTimers();
  });

  /** Starts a plugin with a key, and `look` as its `onInit`. */
  async function start(key: string | null, look: (ctx: PluginContext) => unknown): Promise<HostSide> {
    const onInit = (ctx: PluginContext): void => void look(ctx);
    const host = await HostSide.start(
      { onInit, http: () => new Response('served') },
      {
        init: { license_key: key, instance_id: INSTANCE },
        handlers: { log: (line) => void logged.push(line) },
      },
    );
    running.push(host);
    return host;
  }

  it('[LIC-2] are required, and the terms of the first form are read', async () => {
    const seen: unknown[] = [];
    const host = await start(hmacKey('9999-12-31'), ({ license }) => {
      const licence = license.require({ secret: Buffer.from(SECRET) });
      seen.push(licence, licence.has('reports'));
    });

    expect(host.handshake.ok).toBe(true);
    expect(seen).toEqual([
      expect.objectContaining({ form: 'hmac', instanceId: INSTANCE, expires: '9999-12-31', features: [] }),
      false,
    ]);
  });

  it('[LIC-6] are required, and the terms of the second form are read', async () => {
    const seen: unknown[] = [];
    const host = await start(ed25519Key(), ({ license }) => {
      const licence = license.require({ ...PUBLIC_KEYS, released: '2027-06-30' });
      seen.push(JSON.parse(JSON.stringify(licence)), licence.has('reports'), licence.has('other'));
    });

    expect(host.handshake.ok).toBe(true);
    const dates = { issued: '2026-11-21', expires: null, updatesUntil: '2027-06-30' };
    const whose = { id: 'L-1', instanceId: INSTANCE, customer: 'Žofie' };
    expect(seen).toEqual([{ form: 'ed25519', ...whose, ...dates, features: ['reports'] }, true, false]);
  });

  it.each<[string, string | null, LicenseCheck, string]>([
    ['missing', null, { secret: SECRET }, 'enter its vendor'],
    ['format', 'nonsense', { secret: SECRET }, 'exactly as it was issued'],
    ['format', ed25519Key(), { secret: SECRET }, 'exactly as it was issued'],
    ['format', hmacKey(null), PUBLIC_KEYS, 'exactly as it was issued'],
    ['key', ed25519Key(), { publicKeys: [] }, 'ask the vendor for a new licence key'],
    ['signature', hmacKey(null), { secret: 'another' }, 'not issued by the vendor'],
    ['plugin', ed25519Key({ plugin: 'other' }), PUBLIC_KEYS, 'for the plugin other, and this is acme'],
    ['instance', hmacKey(null, INSTANCE.replace('3f', '4f')), { secret: SECRET }, `this one is ${INSTANCE}`],
    ['expired', hmacKey('2026-01-31'), { secret: SECRET }, 'ended on 2026-01-31'],
    ['updates', ed25519Key(), { ...PUBLIC_KEYS, released: '2027-07-01' }, 'install an earlier version'],
  ])(
    '[LIC-2] [LIC-3] [LIC-6] that do not hold (%s) end the start with status 78 and with what to do',
    async (...row) => {
      const [reason, key, check, advice] = row;
      let thrown: unknown;
      const host = await start(key, ({ license }) => {
        try {
          license.require(check);
        } catch (error) {
          thrown = error;
          throw error;
        }
      });

      expect(host.handshake).toMatchObject({
        ok: false,
        failed: {
          code: 'license',
          message: expect.stringMatching(new RegExp(`${advice}.*\\(reason: ${reason}\\)\\.$`)),
        },
      });
      expect(await host.exitStatus).toBe(78);
      expect(thrown instanceof LicenseError && thrown.reason).toBe(reason);
    },
  );

  it('[LIC-1] may be there or not: without one null is given, and a warning only where there was a key', async () => {
    const seen: unknown[] = [];
    const look = ({ license }: PluginContext): void => void seen.push(license.optional({ secret: SECRET }));
    const hosts = [await start(null, look), await start(hmacKey('2026-01-31'), look), await start(hmacKey(null), look)];
    for (const host of hosts) expect(await textOf(await host.ask())).toBe('served');

    expect(seen).toEqual([null, null, expect.objectContaining({ form: 'hmac' })]);
    expect(logged).toEqual([
      expect.objectContaining({
        level: 'warn',
        message: expect.stringContaining('goes on without a licence'),
        fields: { reason: 'expired' },
      }),
    ]);
  });

  it.each([
    ['no secret and no public keys', {}],
    ['both', { secret: SECRET, ...PUBLIC_KEYS }],
    ['an empty secret', { secret: '' }],
    ['an empty secret of bytes', { secret: new Uint8Array() }],
    ['a public key that is none', { publicKeys: ['AAAA'] }],
    ['one public key in the place of a list', { publicKeys: signingKey.publicKey }],
    ['a release date that does not exist', { ...PUBLIC_KEYS, released: '2026-02-30' }],
  ])('[LIC-3] tell the author of a wrong check: %s', async (_, check) => {
    const host = await start(null, ({ license }) => license.optional(check as unknown as LicenseCheck));

    expect(host.handshake).toMatchObject({
      ok: false,
      failed: { code: 'config', message: expect.stringContaining('The licence check of the plugin is wrong: ') },
    });
  });

  it('[LIC-5] end while a plugin runs, and it goes on', async () => {
    const others = [
      'setTimeout',
      'setInterval',
      'setImmediate',
      'clearTimeout',
      'clearInterval',
      'clearImmediate',
    ] as const;
    jest.useFakeTimers({
      now: new Date('2026-12-31T23:59:59Z'),
      doNotFake: [...others, 'nextTick', 'queueMicrotask', 'performance', 'hrtime'],
    });
    const host = await start(hmacKey('2026-12-31'), ({ license }) => license.require({ secret: SECRET }));
    jest.setSystemTime(new Date('2030-01-01T00:00:00Z'));

    expect(await textOf(await host.ask())).toBe('served');
    const next = await start(hmacKey('2026-12-31'), ({ license }) => license.require({ secret: SECRET }));
    expect(next.handshake).toMatchObject({ ok: false, failed: { code: 'license' } });
  });
});
