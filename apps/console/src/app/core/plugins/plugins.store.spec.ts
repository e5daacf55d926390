import { TestBed } from '@angular/core/testing';
import { jest } from '@jest/globals';
import { details, listOf, plugin, settle } from '../../../testing/fixtures';
import { unreachable } from '../api/api-error';
import { PluginsApi } from '../api/plugins-api';
import type { LifecycleAnswer, PluginList } from '../api/types';
import { EventStream, type EventStreamListener } from './event-stream';
import {
  GATHER_MS,
  PluginsStore,
  POLL_INTERVAL_MS,
  READING_POLL_INTERVAL_MS,
  SLOW_POLL_INTERVAL_MS,
} from './plugins.store';

const api = {
  list: jest.fn<() => Promise<PluginList>>(),
  enable: jest.fn<(id: string) => Promise<LifecycleAnswer>>(),
  disable: jest.fn<(id: string) => Promise<LifecycleAnswer>>(),
};

/** A stream that says what a test says. */
const stopListening = jest.fn();
const stream = { listen: jest.fn<EventStream['listen']>() };

function setVisibility(state: 'visible' | 'hidden'): void {
  Object.defineProperty(document, 'visibilityState', { value: state, configurable: true });
  document.dispatchEvent(new Event('visibilitychange'));
}

describe('PluginsStore', () => {
  let store: PluginsStore;

  beforeEach(() => {
    jest.useFakeTimers();
    jest.resetAllMocks();
    api.list.mockResolvedValue(listOf(plugin()));
    stream.listen.mockReturnValue(stopListening);
    TestBed.configureTestingModule({
      providers: [
        { provide: PluginsApi, useValue: api },
        { provide: EventStream, useValue: stream },
      ],
    });
    store = TestBed.inject(PluginsStore);
  });

  afterEach(() => {
    setVisibility('visible');
    TestBed.resetTestingModule();
    jest.useRealTimers();
  });

  async function elapse(milliseconds: number): Promise<void> {
    await jest.advanceTimersByTimeAsync(milliseconds);
  }

  it('[NAV-1] shows a change of health after the next poll, and only enabled plugins, by name', async () => {
    store.watch();
    await settle();
    expect(store.enabled().map((item) => [item.id, item.health])).toEqual([['acme', 'healthy']]);
    api.list.mockResolvedValue(listOf(
        plugin({ id: 'z', name: 'Zed 10' }),
        plugin({ id: 'y', name: 'Zed 9' }),
        plugin({ status: 'backoff', health: 'unhealthy' }),
        plugin({ id: 'off', enabled: false }),
      ));
    await elapse(POLL_INTERVAL_MS);
    expect(store.enabled().map((item) => [item.id, item.health])).toEqual([
      ['acme', 'unhealthy'],
      ['y', 'healthy'],
      ['z', 'healthy'],
    ]);
  });

  it('[MGR-1] is loading while a host that has just started reads its plugins, and asks again soon', async () => {
    api.list.mockResolvedValue({ items: [], reading: true, problem: null });
    store.watch();
    await settle();
    expect([store.status(), store.reading()]).toEqual(['loading', true]);

    api.list.mockResolvedValue({ items: [plugin()], reading: true, problem: null });
    await elapse(READING_POLL_INTERVAL_MS);
    expect([store.status(), store.reading()]).toEqual(['ready', true]);

    api.list.mockResolvedValue(listOf());
    await elapse(READING_POLL_INTERVAL_MS);
    expect([store.status(), store.reading()]).toEqual(['ready', false]);
    await elapse(READING_POLL_INTERVAL_MS);
    expect(api.list).toHaveBeenCalledTimes(3);
  });

  it('asks nothing while the page is hidden, and at once when it is seen again', async () => {
    store.watch();
    await settle();
    setVisibility('hidden');
    await elapse(POLL_INTERVAL_MS * 5);
    expect(api.list).toHaveBeenCalledTimes(1);
    setVisibility('visible');
    expect(api.list).toHaveBeenCalledTimes(2);
  });

  it('says that the connection is lost from the second failure on, asks less often, and recovers', async () => {
    store.watch();
    await settle();
    api.list.mockRejectedValue(unreachable());
    await elapse(POLL_INTERVAL_MS);
    expect(store.connectionLost()).toBe(false);
    await elapse(POLL_INTERVAL_MS);
    expect(store.connectionLost()).toBe(true);
    expect(store.plugins()).toHaveLength(1);
    await elapse(POLL_INTERVAL_MS);
    expect(api.list).toHaveBeenCalledTimes(3);
    api.list.mockResolvedValue(listOf());
    await elapse(POLL_INTERVAL_MS);
    expect(store.connectionLost()).toBe(false);
    expect(store.plugins()).toHaveLength(0);
  });

  it('reports a first load that failed as an error', async () => {
    api.list.mockRejectedValue(unreachable());
    store.watch();
    expect(store.status()).toBe('loading');
    await settle();
    expect(store.status()).toBe('error');
    expect(store.error()?.code).toBe('unreachable');
  });

  it('[MGR-2] is busy for the one plugin while it is enabled, and drops a list that is older than the answer', async () => {
    const off = plugin({ enabled: false, status: 'disabled', health: 'unknown' });
    api.list.mockResolvedValue(listOf(off));
    store.watch();
    await settle();

    let answerList: (list: PluginList) => void = () => undefined;
    api.list.mockReturnValueOnce(new Promise((resolve) => (answerList = resolve)));
    const stale = store.refresh();
    api.list.mockReturnValue(new Promise(() => undefined));
    let answer: (value: LifecycleAnswer) => void = () => undefined;
    api.enable.mockReturnValue(new Promise((resolve) => (answer = resolve)));

    const action = store.enable('acme');
    expect([store.isBusy('acme'), store.isBusy('other')]).toEqual([true, false]);
    answer({ outcome: 'enabled', message: 'Done.', plugin: details() });
    await action;
    answerList(listOf(off));
    await stale;
    expect(store.isBusy('acme')).toBe(false);
    expect(store.find('acme')?.status).toBe('running');
  });

  const listener = (): EventStreamListener => stream.listen.mock.lastCall?.[0] as EventStreamListener;

  it('[NAV-1] shows at once what the stream of events tells, one list for a bunch, and asks seldom besides', async () => {
    store.watch();
    await settle();
    listener().onOpen(true);
    await elapse(GATHER_MS);
    expect(api.list).toHaveBeenCalledTimes(2);

    api.list.mockResolvedValue(listOf(plugin({ status: 'backoff', health: 'unhealthy' })));
    for (let event = 0; event < 5; event += 1) listener().onEvent();
    await elapse(GATHER_MS);
    expect(store.find('acme')?.status).toBe('backoff');
    expect(api.list).toHaveBeenCalledTimes(3);

    await elapse(SLOW_POLL_INTERVAL_MS - 1);
    expect(api.list).toHaveBeenCalledTimes(3);
    await elapse(1);
    expect(api.list).toHaveBeenCalledTimes(4);
  });

  it('asks at once when the stream breaks off, and often until it is back', async () => {
    store.watch();
    await settle();
    listener().onOpen(true);
    await elapse(GATHER_MS);
    listener().onOpen(false);
    await elapse(GATHER_MS);
    expect(api.list).toHaveBeenCalledTimes(3);
    // each further try that fails tells nothing new
    listener().onOpen(false);
    await elapse(GATHER_MS);
    expect(api.list).toHaveBeenCalledTimes(3);
    await elapse(POLL_INTERVAL_MS - GATHER_MS);
    expect(api.list).toHaveBeenCalledTimes(4);
  });

  it('listens only while the page is seen and somebody watches', async () => {
    const stop = store.watch();
    await settle();
    listener().onEvent();
    setVisibility('hidden');
    expect(stopListening).toHaveBeenCalledTimes(1);
    await elapse(POLL_INTERVAL_MS);
    expect(api.list).toHaveBeenCalledTimes(1);
    setVisibility('visible');
    expect(stream.listen).toHaveBeenCalledTimes(2);
    stop();
    expect(stopListening).toHaveBeenCalledTimes(2);
  });

  it('drops a list that is older than the one that is shown', async () => {
    store.watch();
    await settle();
    let answer: (list: PluginList) => void = () => undefined;
    api.list.mockReturnValueOnce(new Promise((resolve) => (answer = resolve)));
    const slow = store.refresh();
    await store.refresh();
    answer(listOf());
    await slow;
    expect(store.plugins()).toHaveLength(1);
  });

  it('forgets everything when nobody watches any more', async () => {
    const stop = store.watch();
    await settle();
    stop();
    expect(store.plugins()).toHaveLength(0);
    await elapse(POLL_INTERVAL_MS * 3);
    expect(api.list).toHaveBeenCalledTimes(1);
  });
});
