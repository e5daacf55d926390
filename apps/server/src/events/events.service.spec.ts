import { AppError } from '../common';
import { openTestDatabase, type TestDatabase } from '../database/testing';
import { EventStore, type NewEvent, type StoredEvent } from './event-store.port';
import { EventsService } from './events.service';
import { PluginEventEntity } from './plugin-event.entity';
import { FakeClock } from '@toru/testing';
import { TypeOrmEventStore } from './typeorm-event-store';

const unavailable = new AppError('storage_unavailable', 'The database is away.');

/** A store in memory that can be taken away. */
class FlakyStore extends EventStore {
  rows: StoredEvent[] = [];
  refuse: ((events: readonly NewEvent[]) => Error | undefined) | undefined;

  override append(events: readonly NewEvent[]): Promise<StoredEvent[]> {
    const error = this.refuse?.(events);
    if (error) return Promise.reject(error);
    const stored = events.map((event, index) => ({ ...event, id: this.rows.length + index + 1 }));
    this.rows.push(...stored);
    return Promise.resolve(stored);
  }

  override list(): Promise<StoredEvent[]> {
    return Promise.resolve([...this.rows].reverse());
  }

  override after(id: number, _: unknown, limit: number): Promise<StoredEvent[]> {
    return Promise.resolve(this.rows.filter((row) => row.id > id).slice(0, limit));
  }

  override latestId(): Promise<number> {
    return Promise.resolve(this.rows.length);
  }

  override prune(): Promise<void> {
    return Promise.resolve();
  }

  get types(): string[] {
    return this.rows.map((row) => row.eventType);
  }
}

let clock: FakeClock;

beforeEach(() => {
  clock = new FakeClock(Date.UTC(2026, 10, 21));
});

describe('EventsService on a database', () => {
  let database: TestDatabase;
  let store: TypeOrmEventStore;
  let events: EventsService;

  beforeEach(async () => {
    database = await openTestDatabase([PluginEventEntity]);
    store = new TypeOrmEventStore(database.dataSource);
    events = new EventsService(store, clock);
  });
  afterEach(() => database.close());

  it('[OBS-3] stores rows of plugin_events, in the order in which they were recorded', async () => {
    for (let index = 0; index < 250; index += 1) events.record('acme', 'started', { index });
    await events.flush();
    const rows: { id: number; plugin_id: string; details: string; timestamp: string }[] =
      await database.dataSource.query('SELECT * FROM plugin_events ORDER BY id');
    expect(rows.map((row) => (JSON.parse(row.details) as { index: number }).index)).toEqual(
      rows.map((_, index) => index),
    );
    expect(rows[0]).toEqual({
      id: expect.any(Number) as number,
      plugin_id: 'acme',
      event_type: 'started',
      timestamp: '2026-11-21T00:00:00.000Z',
      details: '{"index":0}',
    });
  });

  it('[OBS-3] tells subscribers of each event once it is stored', async () => {
    const seen: unknown[] = [];
    events.live.subscribe((event) => seen.push(event));
    events.record('acme', 'crashed', { exit_code: 1 });
    events.record('other', 'started');
    await events.flush();
    expect(seen).toEqual([...(await events.list({ page: 1, pageSize: 10 })).items].reverse());
    expect(seen).toHaveLength(2);
  });

  it('[API-4] lists newest first, what was recorded just now included, page by page', async () => {
    for (const type of ['started', 'crashed', 'restarted']) events.record('acme', type);
    const first = await events.list({ page: 1, pageSize: 2 });
    expect(first).toMatchObject({ page: 1, page_size: 2, has_more: true });
    expect(first.items.map((event) => event.event_type)).toEqual(['restarted', 'crashed']);
    const second = await events.list({ page: 2, pageSize: 2 });
    expect(second).toMatchObject({ items: [{ event_type: 'started' }], has_more: false });
    expect((await events.list({ page: 3, pageSize: 2 })).items).toEqual([]);
  });

  it('[API-4] filters by plugin, type and time', async () => {
    for (const [plugin, type] of [
      ['acme', 'started'],
      ['Acme', 'crashed'],
      ['other', 'crashed'],
    ] as const) {
      events.record(plugin, type);
      clock.advance(1000);
    }
    const types = async (filter: object): Promise<string[]> =>
      (await events.list({ page: 1, pageSize: 10, ...filter })).items.map(
        (event) => `${event.plugin_id} ${event.event_type}`,
      );
    expect(await types({ pluginId: 'ACME' })).toEqual(['acme crashed', 'acme started']);
    expect(await types({ eventType: 'crashed' })).toEqual(['other crashed', 'acme crashed']);
    expect(await types({ pluginId: 'acme', eventType: 'crashed' })).toEqual(['acme crashed']);
    expect(await types({ since: '2026-11-21T00:00:01.000Z' })).toEqual(['other crashed', 'acme crashed']);
    expect(await types({ until: '2026-11-21T00:00:01.000Z' })).toEqual(['acme crashed', 'acme started']);
    const moment = '2026-11-21T00:00:01.000Z';
    expect(await types({ since: moment, until: moment })).toEqual(['acme crashed']);
    expect(await types({ pluginId: `' OR 1=1 --` })).toEqual([]);
  });

  it('[OBS-3] keeps details within the limit, and whatever they are', async () => {
    const circular: Record<string, unknown> = {};
    circular.self = circular;
    events.record('acme', 'crashed', { reason: 'exit 1', output: 'x'.repeat(20_000), error: new Error('boom') });
    events.record('acme', 'crashed', circular);
    events.record('acme', 'crashed', { text: 'a\u0000b\ud800' });
    const { items } = await events.list({ page: 1, pageSize: 10 });
    expect(items.map((event) => event.details)).toEqual([
      { text: 'a\u0000b\ud800' },
      { unserializable: true },
      { truncated: true, reason: 'exit 1', error: { name: 'Error', message: 'boom' } },
    ]);
  });

  it('[OBS-3] fits any name into its column', async () => {
    events.record(`${'p'.repeat(63)}🧩`, `a\u0000b\ud83e${'t'.repeat(90)}`);
    const { items } = await events.list({ page: 1, pageSize: 10 });
    expect(items).toMatchObject([
      { plugin_id: `${'p'.repeat(63)}\ufffd`, event_type: `a\ufffdb\ufffd${'t'.repeat(60)}` },
    ]);
  });

  it('[OBS-3] removes the older events of one plugin, and of no other', async () => {
    const event = { eventType: 'started', timestamp: '2026-11-21T00:00:00.000Z', details: '{}' };
    await store.append(['a', 'b', 'a', 'b', 'a'].map((pluginId) => ({ ...event, pluginId })));
    await store.prune('a', 2);
    await store.prune('b', 2);
    const left = await store.list({}, 0, 10);
    expect(left.map((row) => row.pluginId)).toEqual(['a', 'b', 'a', 'b']);
  });

  it('[API-4] a database that is gone is an error that says so, and recording goes on', async () => {
    await database.dataSource.destroy();
    events.record('acme', 'started');
    await expect(events.list({ page: 1, pageSize: 1 })).rejects.toMatchObject({ code: 'storage_unavailable' });
    expect(events.lostEvents).toBe(0);
  });
});

describe('EventsService without its database', () => {
  it('[OBS-3] keeps events in order and stores them when the database is back', async () => {
    const store = new FlakyStore();
    const events = new EventsService(store, clock);
    store.refuse = () => unavailable;
    events.record('acme', 'first');
    await events.flush();
    events.record('acme', 'second');
    expect(store.types).toEqual([]);
    store.refuse = undefined;
    clock.advance(1000);
    events.record('acme', 'third');
    await events.flush();
    expect(store.types).toEqual(['first', 'second', 'third']);
  });

  it('[OBS-3] waits with a bounded number of events and counts the others', async () => {
    const store = new FlakyStore();
    const events = new EventsService(store, clock);
    store.refuse = () => unavailable;
    for (let index = 0; index < 1005; index += 1) events.record('acme', `event_${index}`);
    expect(events.lostEvents).toBe(5);
    await events.flush();
    store.refuse = undefined;
    await events.flush();
    expect(store.types).toHaveLength(1000);
    expect(store.types.at(-1)).toBe('event_999');
  });

  it('[OBS-3] loses only the event that the database refuses for good', async () => {
    const store = new FlakyStore();
    const events = new EventsService(store, clock);
    store.refuse = (batch) => (batch.some((event) => event.eventType === 'bad') ? new Error('constraint') : undefined);
    for (const type of ['one', 'bad', 'two']) events.record('acme', type);
    await events.flush();
    expect(store.types).toEqual(['one', 'two']);
    expect(events.lostEvents).toBe(1);
  });

  it('[OBS-3] the end of the host stores what waits, and does not hang on a database that is away', async () => {
    const store = new FlakyStore();
    const events = new EventsService(store, clock);
    events.record('acme', 'stopped');
    await events.beforeApplicationShutdown();
    expect(store.types).toEqual(['stopped']);
    store.refuse = () => unavailable;
    events.record('acme', 'late');
    await events.onApplicationShutdown();
    expect(store.types).toEqual(['stopped']);
  });
});
