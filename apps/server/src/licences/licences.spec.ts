import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { generateSigningKey, issueEd25519Licence, issueHmacLicence } from '@toru/licensing';
import { FakeClock } from '@toru/testing';
import { openTestDatabase, type TestDatabase } from '../database/testing';
import type { EventsService } from '../events';
import type { ClockStore } from './clock-store.port';
import { ClockWatch } from './clock-watch';
import { LicenceFiles } from './licence-files';
import { LicenceKeys } from './licence-keys';
import { LicenceNotices } from './licence-notices';
import { LicenceTerms } from './licence-terms';
import { TypeOrmClockStore } from './typeorm-clock-store';
import { TypeOrmLicenceStore } from './typeorm-licence-store';

const INSTANCE = '6c2e7a4e-9f34-4b0e-8a39-d5a0c1c6a2f1';
const OTHER = '0d8f2f39-1f64-4d0b-9d0e-2f8f7a9a1b11';
const DAY_MS = 86_400_000;
const acme = { id: 'Acme', license: 'required' } as const;

let database: TestDatabase;
let directory: string;
let clock: FakeClock;
let told: [string, string, unknown][];

beforeAll(async () => {
  Logger.overrideLogger(false);
  database = await openTestDatabase();
  directory = mkdtempSync(join(tmpdir(), 'toru-lics-'));
});
afterAll(async () => {
  await database.close();
  rmSync(directory, { recursive: true, force: true });
});
beforeEach(async () => {
  for (const table of ['plugin_licenses', 'license_notices', 'host_clock']) {
    await database.dataSource.query(`DELETE FROM ${table}`);
  }
  clock = new FakeClock(Date.parse('2026-11-21T12:00:00.000Z'));
  told = [];
});

/** As after a start of the host. */
function fresh(times: ClockStore = new TypeOrmClockStore(database.dataSource)): {
  keys: LicenceKeys;
  terms: LicenceTerms;
  notices: LicenceNotices;
  watch: ClockWatch;
} {
  const events = {
    record: (plugin: string, type: string, details: unknown) => void told.push([plugin, type, details]),
  } as unknown as EventsService;
  const store = new TypeOrmLicenceStore(database.dataSource);
  const keys = new LicenceKeys(store, new LicenceFiles(directory), clock);
  const terms = new LicenceTerms(keys, { instanceId: INSTANCE }, clock);
  const notices = new LicenceNotices(keys, terms, store, events);
  return { keys, terms, notices, watch: new ClockWatch(times, events, clock) };
}

/** What it tells was so a moment ago. */
class LateClockStore extends TypeOrmClockStore {
  override async highest(): Promise<unknown> {
    const highest = await super.highest();
    await new Promise(setImmediate);
    return highest;
  }
}

function hmac(expires: string | null, instanceId = INSTANCE): string {
  const issued = issueHmacLicence({ secret: 'a test secret', instanceId, expires });
  if (!issued.ok) throw new Error(issued.message);
  return issued.key;
}

const VENDOR = generateSigningKey();
function ed25519(plugin: string): string {
  const issued = issueEd25519Licence({
    ...{ signingKey: VENDOR, id: 'L-1', plugin, instanceId: INSTANCE, customer: 'Ada Ltd', issued: '2026-01-01' },
    ...{ expires: '2027-01-01', updatesUntil: '2026-12-01', features: ['export'] },
  });
  if (!issued.ok) throw new Error(issued.message);
  return issued.key;
}

describe('LicenceTerms', () => {
  it.each<[string, string, object]>([
    ['of another instance', hmac('2027-11-21', OTHER), { state: 'other_instance', terms: { this_instance: false } }],
    ['of another plugin', ed25519('other'), { state: 'other_plugin', terms: { plugin: 'other' } }],
    ['without an end', hmac(null), { state: 'valid', days_left: null, terms: { expires: null } }],
    ['far from its end', hmac('2026-12-21'), { state: 'valid', days_left: 31 }],
    ['near its end', hmac('2026-12-20'), { state: 'expiring', days_left: 30 }],
    ['on its last day', hmac('2026-11-21'), { state: 'expiring', days_left: 1 }],
    ['that has ended', hmac('2026-11-20'), { state: 'expired', days_left: 0 }],
    ['of a form of its own', 'AAAA-BBBB-CCCC', { state: 'unreadable', terms: null, days_left: null, key: '••••••••' }],
    [
      'of the second form',
      ed25519('acme'),
      {
        ...{ state: 'valid', days_left: 42 },
        terms: {
          ...{ form: 'ed25519', plugin: 'acme', id: 'L-1', customer: 'Ada Ltd', issued: '2026-01-01' },
          ...{ updates_until: '2026-12-01', features: ['export'], this_instance: true },
        },
      },
    ],
  ])('[LIC-1] [LIC-6] reads a key %s', async (_, key, expected) => {
    const { keys, terms } = fresh();
    await keys.enter('acme', key);

    expect(await terms.of(acme)).toMatchObject({ source: 'entered', required: true, ...expected });
  });

  it('[LIC-1] a key that was entered goes before the file, and the file counts again without it', async () => {
    const { keys, terms } = fresh();
    writeFileSync(join(directory, 'acme.license'), hmac(null));
    await keys.refreshFiles();
    expect(await terms.of(acme)).toMatchObject({ source: 'file', entered_at: null });
    expect(await keys.enter('ACME', hmac('2026-12-24'))).toBe(true);
    expect(await keys.enter('acme', `${hmac('2026-12-24')} `)).toBe(false);
    expect(await terms.of(acme)).toMatchObject({
      ...{ source: 'entered', entered_at: '2026-11-21T12:00:00.000Z', terms: { expires: '2026-12-24' } },
      file: { name: 'acme.license', problem: null },
    });
    expect(await terms.daysLeft()).toEqual(new Map([['acme', 34]]));
    expect(await keys.remove('acme')).toBe(true);
    expect(await terms.of(acme)).toMatchObject({ source: 'file', terms: { expires: null } });
    await expect(keys.remove('acme')).rejects.toMatchObject({ code: 'not_found' });
    expect(await terms.daysLeft()).toEqual(new Map());
    rmSync(join(directory, 'acme.license'));
    await keys.refreshFiles();
    expect(await terms.of(acme)).toMatchObject({ source: null, key: null, state: 'none' });
  });
});

describe('LicenceNotices', () => {
  const daysTold = (): unknown[] =>
    told.map(([, type, details]) => [type, (details as { days_left: number }).days_left]);

  it('[LIC-5] tells of the end at 30, 14, 7, 3 and 1 days, and that it has come, each once and never again', async () => {
    await fresh().keys.enter('acme', hmac('2026-12-31'));
    for (let hours = 0; hours < 60 * 24; hours += 12) {
      // a host that is started again, and another one beside it
      await Promise.all([fresh(), fresh()].map(({ notices }) => notices.check(['Acme', 'plain'])));
      clock.advance(DAY_MS / 2);
    }

    expect(daysTold()).toEqual([
      ...[30, 14, 7, 3, 1].map((days) => ['license_expiring', days]),
      ['license_expired', 0],
    ]);
  });

  it('[LIC-5] tells once of a key that comes late, anew of another key, and nothing of plugins that are not there', async () => {
    const { keys, notices } = fresh();
    await keys.enter('acme', hmac('2026-11-25'));
    await keys.enter('gone', hmac('2026-11-25'));
    await notices.check(['acme']);
    clock.advance(DAY_MS);
    await notices.check(['acme']);
    await keys.enter('acme', hmac('2026-11-24'));
    await notices.check(['acme']);
    await notices.check(['acme']);

    expect(daysTold()).toEqual([
      ['license_expiring', 5],
      ['license_expiring', 3],
    ]);
    expect(JSON.stringify(told)).not.toContain(hmac('2026-11-24'));
  });
});

describe('ClockWatch', () => {
  const at = (time: string): void => {
    clock = new FakeClock(Date.parse(time));
  };

  it('[LIC-5] notices a clock that was set back while the host was away, and stops telling when it is right again', async () => {
    await fresh().watch.check();
    at('2026-11-21T10:59:59.000Z');
    const back = fresh().watch;
    await back.check();
    await back.check();
    expect(back.state).toEqual({
      ...{ set_back: true, now: '2026-11-21T10:59:59.000Z', highest_seen: '2026-11-21T12:00:00.000Z' },
    });
    expect(told.map(([plugin, type]) => [plugin, type])).toEqual([['', 'clock_set_back']]);
    clock.advance(1_000);
    await back.check();
    expect(back.state.set_back).toBe(false);
  });

  it('[LIC-5] writes the highest time every few minutes alone, and notices what happens between', async () => {
    const { watch } = fresh();
    const stored = (): Promise<unknown> => new TypeOrmClockStore(database.dataSource).highest();
    await watch.check();
    clock.advance(299_000);
    await watch.check();
    expect(await stored()).toBe('2026-11-21T12:00:00.000Z');
    clock.advance(1_000);
    await watch.check();
    expect(await stored()).toBe('2026-11-21T12:05:00.000Z');
    clock.advance(60_000);
    await watch.check();
    clock.advance(-3_600_001);
    await watch.check();
    expect(watch.state).toMatchObject({ set_back: true, highest_seen: '2026-11-21T12:06:00.000Z' });
  });

  it.each([
    ['no time', 'garbage'],
    ['empty', ''],
    ['a number', '1795262400000'],
    ['a day that does not exist', '2026-02-30T00:00:00.000Z'],
    ['of another form', '2026-11-21T12:00:00Z'],
    ['in the far future', '9999-12-31T23:59:59.999Z'],
    ['before the epoch', '1969-12-31T23:59:59.999Z'],
  ])(
    '[LIC-5] a stored time that is %s is told of once and replaced, and a clock that is set back then is noticed',
    async (_, text) => {
      const warn = jest.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
      const store = new TypeOrmClockStore(database.dataSource);
      await store.replace(text);
      const { watch } = fresh();
      await watch.check();
      await watch.check();
      expect(watch.state).toMatchObject({ set_back: false, highest_seen: '2026-11-21T12:00:00.000Z' });
      expect(await store.highest()).toBe('2026-11-21T12:00:00.000Z');
      expect(warn.mock.calls).toEqual([[expect.stringContaining('host_clock.highest_at')]]);
      warn.mockRestore();

      await store.replace(text);
      clock.advance(-3_600_001);
      await watch.check();
      expect(watch.state).toMatchObject({ set_back: true, highest_seen: '2026-11-21T12:00:00.000Z' });
      expect(told.map(([, type]) => type)).toEqual(['clock_set_back']);
    },
  );

  it('[LIC-5] forgets the highest time where somebody says that the clock is right, for another host as well', async () => {
    const other = fresh().watch;
    await other.check();
    at('2026-10-01T00:00:00.000Z');
    const { watch } = fresh();
    await watch.check();
    expect(watch.state.set_back).toBe(true);
    await watch.accept();
    await watch.check();
    expect(watch.state).toMatchObject({ set_back: false, highest_seen: '2026-10-01T00:00:00.000Z' });
    await other.check();
    await watch.check();
    expect(told.map(([, type]) => type)).toEqual(['clock_set_back', 'clock_accepted']);
  });

  it('[LIC-5] a look that is under way does not bring back what somebody has said is wrong', async () => {
    await fresh().watch.check();
    at('2026-10-01T00:00:00.000Z');
    const { watch } = fresh(new LateClockStore(database.dataSource));
    await watch.check();
    await Promise.all([watch.check(), watch.accept()]);
    expect(watch.state.set_back).toBe(false);
    await fresh().watch.check();
    expect(told.map(([, type]) => type)).toEqual(['clock_set_back', 'clock_accepted']);
  });
});
