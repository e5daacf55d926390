import { createServer, get, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { PluginEvent } from '@toru/contracts';
import { FakeClock } from '@toru/testing';
import { Subject } from 'rxjs';
import { ServerSentEvents } from '../common';
import { EventFeed } from './event-feed';
import type { EventsService, FeedFilter } from './events.service';

/** Events as the database has them, and as they happen. */
class Events {
  readonly live = new Subject<PluginEvent>();
  readonly rows: PluginEvent[] = [];
  questions = 0;
  fails = false;
  /** What happens while the next question is under way. */
  meanwhile: (() => void) | undefined;

  add(plugin_id: string, event_type: string, padding = ''): void {
    const event = { id: this.rows.length + 1, plugin_id, event_type, timestamp: '', details: { padding } };
    this.rows.push(event);
    this.live.next(event);
  }

  after(id: number, { pluginId, eventType }: FeedFilter, limit: number): Promise<PluginEvent[]> {
    this.questions++;
    if (this.fails) return Promise.reject(new Error('gone'));
    const found = this.rows.filter(
      (row) =>
        row.id > id &&
        row.plugin_id === (pluginId ?? row.plugin_id) &&
        row.event_type === (eventType ?? row.event_type),
    );
    this.meanwhile?.();
    this.meanwhile = undefined;
    return Promise.resolve(found.slice(0, limit));
  }
}

describe('EventFeed', () => {
  let clock: FakeClock;
  let events: Events;
  let server: Server;
  let feed: EventFeed;
  let out: ServerSentEvents;
  let serverSide: ServerResponse;

  beforeEach(() => {
    events = new Events();
    clock = new FakeClock(Date.UTC(2026, 10, 21));
  });
  afterEach(() => {
    shut();
  });

  function shut(): void {
    feed.stop();
    server.closeAllConnections();
    server.close();
  }

  /** Opens a stream; the client reads nothing until it is asked to. */
  async function open(after: number | undefined, filter: FeedFilter = {}): Promise<IncomingMessage> {
    server = createServer((_, response) => {
      serverSide = response;
      out = new ServerSentEvents(response, clock);
      feed = new EventFeed(events as unknown as EventsService, filter, out);
      out.open();
      void feed.begin(after, events.rows.length);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new Promise((resolve) => get({ port: (server.address() as AddressInfo).port }, resolve));
  }

  /** The ids of the events that come, until there are so many. */
  async function ids(stream: IncomingMessage, count: number): Promise<number[]> {
    let text = '';
    const found: number[] = [];
    for await (const chunk of stream.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      text += chunk.toString();
      const blocks = text.split('\n\n');
      text = blocks.pop() ?? '';
      for (const block of blocks) if (block.includes('data: ')) found.push(Number(/^id: (\d+)$/m.exec(block)?.[1]));
      if (found.length >= count) break;
    }
    return found;
  }

  it('[API-4] sends what was missed, then what happens, each once and in order', async () => {
    for (let i = 0; i < 250; i++) events.add('acme', 'crashed');
    const stream = await open(20);
    for (let i = 0; i < 50; i++) events.add('acme', 'started');
    expect(await ids(stream, 280)).toEqual(Array.from({ length: 280 }, (_, i) => i + 21));
    events.add('acme', 'stopped');
    expect(await ids(stream, 1)).toEqual([301]);
  });

  it.each([0, 7])(
    '[API-4] leaves out nothing that happens while the database is asked, with %d missed',
    async (missed) => {
      for (let i = 0; i < missed; i++) events.add('acme', 'crashed');
      events.meanwhile = () => events.add('acme', 'started');
      const stream = await open(0);
      expect(await ids(stream, missed + 1)).toHaveLength(missed + 1);
      events.add('acme', 'stopped');
      expect(await ids(stream, 1)).toEqual([missed + 2]);
    },
  );

  it('[API-4] keeps a client that is always behind, as long as it takes something', async () => {
    const stream = await open(undefined);
    stream.pause();
    for (let i = 0; i < 3; i++) {
      while (!out.isBehind) {
        events.add('acme', 'crashed', 'x'.repeat(100_000));
        await new Promise(setImmediate);
      }
      clock.advance(15_000);
      expect(serverSide.destroyed).toBe(false);
      const drained = new Promise((resolve) => serverSide.once('drain', resolve));
      stream.resume();
      await drained;
      stream.pause();
    }
  });

  it('[API-4] begins with now unless told otherwise, and says where that is', async () => {
    events.add('acme', 'started');
    const stream = await open(undefined);
    let text = '';
    for await (const chunk of stream.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      text += chunk.toString();
      if (text.split('\n\n').length > 2) break;
    }
    expect(text.split('\n\n')[1]).toBe('id: 1');
    events.add('acme', 'crashed');
    expect(await ids(stream, 1)).toEqual([2]);
  });

  it('[API-4] takes a number that was never given for the newest one', async () => {
    const stream = await open(4711);
    events.add('acme', 'crashed');
    expect(await ids(stream, 1)).toEqual([1]);
  });

  it('[API-4] sends the events of one plugin and of one type where that is asked for', async () => {
    for (const type of ['started', 'crashed']) for (const id of ['acme', 'other']) events.add(id, type);
    const stream = await open(0, { pluginId: 'acme', eventType: 'crashed' });
    for (const type of ['started', 'crashed']) for (const id of ['other', 'acme']) events.add(id, type);
    expect(await ids(stream, 2)).toEqual([3, 8]);
  });

  it('[API-4] keeps little for a client that does not read, and leaves out nothing when it does', async () => {
    const stream = await open(0);
    stream.pause();
    const padding = 'x'.repeat(50_000);
    for (let i = 0; i < 400; i++) {
      events.add('acme', 'crashed', padding);
      if (i % 40 === 0) await new Promise(setImmediate);
    }
    expect(serverSide.writableLength).toBeLessThan(400_000);
    expect(await ids(stream, 400)).toEqual(Array.from({ length: 400 }, (_, i) => i + 1));
  });

  it('[API-4] asks the database for nothing while the client keeps up', async () => {
    const stream = await open(undefined);
    const { questions } = events;
    events.add('acme', 'started');
    await ids(stream, 1);
    expect(events.questions).toBe(questions);
  });

  it('[API-4] ends when the database cannot tell what was missed, and when the host ends', async () => {
    events.add('acme', 'started');
    events.fails = true;
    expect(await ids(await open(0), 1)).toEqual([]);
    shut();
    events.fails = false;
    const stream = await open(0);
    expect(await ids(stream, 1)).toEqual([1]);
    events.live.complete();
    expect(await ids(stream, 1)).toEqual([]);
  });

  it('[API-4] sends heartbeats, and lets go of a client that takes nothing for two of them', async () => {
    const stream = await open(undefined);
    clock.advance(15_000);
    let text = '';
    for await (const chunk of stream.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      text += chunk.toString();
      if (text.includes('\n\n: still here\n\n')) break;
    }
    stream.pause();
    const closed = new Promise((resolve) => serverSide.once('close', resolve));
    for (let i = 0; !out.isBehind && i < 1_000; i++) {
      events.add('acme', 'crashed', 'x'.repeat(100_000));
      await new Promise(setImmediate);
    }
    clock.advance(15_000);
    expect(serverSide.destroyed).toBe(false);
    clock.advance(15_000);
    await closed;
    expect(clock.pending).toEqual([]);
  });
});
