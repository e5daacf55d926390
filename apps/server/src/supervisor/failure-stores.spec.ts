import { FakeClock } from '@toru/testing';
import { openTestDatabase, type TestDatabase } from '../database/testing';
import type { NewCrash } from './crash-store.port';
import { NO_FAILURES, parseFailureRecord, type FailureRecord } from './failure-record';
import { TypeOrmCrashStore } from './typeorm-crash-store';
import { TypeOrmFailureStore } from './typeorm-failure-store';

const record: FailureRecord = {
  count: { inARow: 3, blamedInARow: 1, recent: [{ at: 5, blamed: true }] },
  poison: {
    evidence: [{ at: 5, routes: ['GET /x'] }],
    routes: [{ route: 'GET /y', since: 1, until: 9, times: 2 }],
  },
  disabledBecause: 'Disabled: crashed “ten” times',
};
const crash = (reason: string): NewCrash => ({
  ...{ plugin_id: 'Acme', timestamp: '2026-11-21T12:00:00.000Z', version: null, reason, pid: 1, exit_code: 1 },
  ...{ signal: null, ended_by_host: false, out_of_memory: false, memory_signs: [], uptime_ms: 1, ready_ms: 0 },
  ...{ consecutive_crashes: 1, requests_in_flight: 0, blamed_route: null, decision: 'restart', requests: [] },
  ...{ log: [{ timestamp: 't', level: 'info', message: 'a \u0000 and ä' }], samples: [], timeline: [] },
});

describe('what is kept of failures', () => {
  let database: TestDatabase;
  let failures: TypeOrmFailureStore;
  let crashes: TypeOrmCrashStore;

  beforeAll(async () => {
    database = await openTestDatabase();
    failures = new TypeOrmFailureStore(database.dataSource, new FakeClock());
    crashes = new TypeOrmCrashStore(database.dataSource);
  });
  afterAll(() => database.close());

  it('[SUP-4] comes back as it was, the last one of each plugin', async () => {
    await failures.save('acme', NO_FAILURES);
    await failures.save('acme', record);
    await failures.save('other', NO_FAILURES);
    expect(await failures.all()).toEqual(
      new Map([
        ['acme', record],
        ['other', NO_FAILURES],
      ]),
    );
  });

  it.each([
    '',
    '{',
    '[]',
    'null',
    '{"count":{}}',
    JSON.stringify({ ...record, poison: { evidence: [{}], routes: [] } }),
  ])('a damaged row is left out: %s', (text) => {
    expect(parseFailureRecord(text)).toBeUndefined();
  });

  it('lists crashes newest first, keeps the newest, and finds each by its number and plugin', async () => {
    await crashes.add({ ...crash('of another'), plugin_id: 'other' }, 3);
    for (const reason of ['one', 'two', 'three', 'four', 'five']) await crashes.add(crash(reason), 3);
    const listed = await crashes.list('ACME', 0, 10);
    expect(listed.map(({ reason }) => reason)).toEqual(['five', 'four', 'three']);
    expect((await crashes.list('acme', 1, 1)).map(({ reason }) => reason)).toEqual(['four']);
    expect(listed[0]).not.toHaveProperty('log');
    const id = listed[0]?.id ?? 0;
    expect(await crashes.get('acme', id)).toEqual({ ...crash('five'), id });
    expect(await crashes.get('other', id)).toBeUndefined();
    expect(await crashes.list('other', 0, 10)).toHaveLength(1);
  });
});
