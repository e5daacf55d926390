import { jest } from '@jest/globals';
import { FakeClock } from '@toru/testing';
import type { JsonObject } from '@toru/contracts';
import type { Configuration } from '../config';
import { openTestDatabase, type TestDatabase } from '../database/testing';
import type { EventsService } from '../events';
import { PluginLimitsService } from './plugin-limits.service';
import { TypeOrmPluginLimitsStore } from './typeorm-plugin-limits-store';

const SETTINGS = { requestTimeoutMs: 30_000, pluginRequests: 256 } as Configuration;
/** Within which every host knows. */
const SECONDS = 5_000;
const ACME = { id: 'Acme', name: 'Acme', protocol: 2, http: { first_byte_timeout_ms: 5 } } as const;

describe('PluginLimitsService', () => {
  let database: TestDatabase;
  const events: unknown[] = [];
  let clock: FakeClock;
  const open = async (): Promise<PluginLimitsService> => {
    const recorder = { record: (...event: unknown[]) => events.push(event) } as unknown as EventsService;
    const store = new TypeOrmPluginLimitsStore(database.dataSource);
    const service = new PluginLimitsService(store, SETTINGS, recorder, clock);
    await service.onModuleInit();
    return service;
  };
  /** Lets each host on the database look at it again; resolves once all have. */
  const lookAgain = async (): Promise<void> => {
    const hosts = clock.pending.length;
    clock.advance(SECONDS);
    while (clock.pending.length < hosts) await new Promise(setImmediate);
  };
  beforeEach(() => {
    clock = new FakeClock();
  });
  beforeAll(async () => {
    database = await openTestDatabase();
  });
  afterAll(() => database.close());

  it('[PRO-4] what is set holds at once, is an event, and outlives the host', async () => {
    const service = await open();
    expect(service.of(ACME).of('/x')).toMatchObject({ firstByteMs: 5, concurrency: 256 });
    expect(service.view(ACME)).toMatchObject({ set: {}, proposed: ACME.http, revision: 0, updated_at: null });

    const limits = { first_byte_timeout_ms: 7, paths: [{ path: '/a', max_body_bytes: 1 }] };
    expect(await service.replace(ACME, limits)).toMatchObject({ plugin: 'Acme', set: limits, revision: 1 });
    expect(service.of(ACME).of('/a')).toMatchObject({ firstByteMs: 7, maxBodyBytes: 1 });
    expect(events).toEqual([['Acme', 'limits_changed', { limits: ['first_byte_timeout_ms', 'paths'] }]]);
    expect((await open()).view({ ...ACME, id: 'ACME' })).toMatchObject({ set: limits, effective: { first_byte_timeout_ms: 7 } });
  });

  it('[API-6] what is wrong is refused whole, by name; so is what is out of date', async () => {
    const service = await open();
    const before = service.view(ACME);
    await expect(service.replace(ACME, { queue: -1, colour: 1 })).rejects.toMatchObject({
      ...{ code: 'validation_failed', plugin: 'Acme' },
      errors: [{ path: 'limits.colour' }, { path: 'limits.queue' }],
    });
    await expect(service.replace(ACME, {}, before.revision + 1)).rejects.toMatchObject({ code: 'conflict' });
    expect(service.view(ACME)).toEqual(before);
  });

  it('[API-6] of two changes at once one is told of the other', async () => {
    const service = await open();
    const { revision } = service.view(ACME);
    const set = (limits: JsonObject) => service.replace(ACME, limits, revision);
    const outcomes = await Promise.allSettled([set({ queue: 1 }), set({ queue: 2 })]);
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  });

  it('[PRO-4] hosts on one database take up what another one has set, within seconds', async () => {
    const [one, other] = await Promise.all([open(), open()]);
    await one.replace(ACME, { queue: 11 });
    await other.replace({ ...ACME, id: 'other' }, { queue: 12 });
    expect(other.of(ACME).of('/x').queue).not.toBe(11);
    await lookAgain();
    expect(other.of(ACME).of('/x').queue).toBe(11);
    expect(one.of({ ...ACME, id: 'other' }).of('/x').queue).toBe(12);
    expect(other.view(ACME)).toEqual(one.view(ACME));

    other.onApplicationShutdown();
    await one.replace(ACME, {});
    await lookAgain();
    expect(other.of(ACME).of('/x').queue).toBe(11);
  });

  it('[PRO-4] what is known stays in force while the database is away', async () => {
    const service = await open();
    await service.replace(ACME, { queue: 13 });
    const reads = jest.spyOn(TypeOrmPluginLimitsStore.prototype, 'all').mockRejectedValueOnce(new Error('away'));
    await lookAgain();
    expect(service.of(ACME).of('/x').queue).toBe(13);
    await lookAgain();
    expect(reads).toHaveBeenCalledTimes(2);
    reads.mockRestore();
  });

  it('[LIF-3] what was spoilt by hand counts as not set', async () => {
    await database.dataSource.query(`UPDATE plugin_limits SET limits = '{"queue":"x"}'`);
    expect((await open()).view(ACME)).toMatchObject({ set: {} });
  });
});
