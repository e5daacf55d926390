import { DOCUMENT } from '@angular/common';
import { computed, DestroyRef, inject, Injectable, signal } from '@angular/core';
import type { ApiError } from '../api/api-error';
import { toApiError } from '../api/api-error';
import { PluginsApi } from '../api/plugins-api';
import type { LifecycleAnswer, PluginSummary } from '../api/types';
import { EventStream } from './event-stream';

/** How often the list is asked for while no stream tells what happens (ms): fast enough to feel live, cheap for the host. */
export const POLL_INTERVAL_MS = 3_000;
/** The same beside the stream, for what it does not tell: a file that came or went, what happens on another host. */
export const SLOW_POLL_INTERVAL_MS = 10_000;
/** The same while the host has not looked into all of its plugins directory yet: somebody waits for what it finds. */
export const READING_POLL_INTERVAL_MS = 1_000;
/** Events come in bunches: the list is asked for once for all within this time (ms). */
export const GATHER_MS = 250;
/** The longest pause between two tries while the host does not answer (ms). */
export const MAX_POLL_INTERVAL_MS = 30_000;
/** One lost request is a hiccup; from the second one on the banner says so. */
const FAILURES_UNTIL_BANNER = 2;

export type LoadStatus = 'loading' | 'ready' | 'error';

/** All installed plugins as the server last told, kept fresh while somebody looks, by its events and by asking (NAV-1, MGR-1). */
@Injectable({ providedIn: 'root' })
export class PluginsStore {
  private readonly api = inject(PluginsApi);
  private readonly stream = inject(EventStream);
  private readonly document = inject(DOCUMENT);

  private readonly list = signal<readonly PluginSummary[] | null>(null, { equal: sameJson });
  private readonly isReading = signal(false);
  private readonly problem = signal<string | null>(null);
  private readonly lastError = signal<ApiError | null>(null);
  private readonly failures = signal(0);
  private readonly busyIds = signal<ReadonlySet<string>>(new Set());

  /** Counts lifecycle actions: a list that was asked for before one ended is older than its answer. */
  private generation = 0;
  /** Count the lists that were asked for, up to the one that is shown: an older one that comes later is dropped. */
  private asked = 0;
  private shown = 0;
  private watchers = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private gathering: ReturnType<typeof setTimeout> | undefined;
  private streaming = false;
  private stopListening: (() => void) | undefined;

  readonly plugins = computed(() => this.list() ?? []);
  /** What the sidebar shows: the enabled ones, by name. */
  readonly enabled = computed(() =>
    this.plugins()
      .filter((plugin) => plugin.enabled)
      .sort(byName),
  );
  /** The host has not looked into all files of its plugins directory yet: what is not in the list may be installed. */
  readonly reading = this.isReading.asReadonly();
  /** Why the host cannot read its plugins directory; null where it can. */
  readonly directoryProblem = this.problem.asReadonly();
  /** A list that is empty because nothing was read yet is no answer. */
  readonly status = computed<LoadStatus>(() => {
    const list = this.list();
    if (list !== null) return list.length === 0 && this.reading() ? 'loading' : 'ready';
    return this.lastError() === null ? 'loading' : 'error';
  });
  readonly error = this.lastError.asReadonly();
  readonly connectionLost = computed(() => this.failures() >= FAILURES_UNTIL_BANNER);

  constructor() {
    const onVisibility = (): void => this.onVisibilityChange();
    this.document.addEventListener('visibilitychange', onVisibility);
    inject(DestroyRef).onDestroy(() => {
      this.document.removeEventListener('visibilitychange', onVisibility);
      this.pause();
    });
  }

  find(id: string): PluginSummary | undefined {
    return this.plugins().find((plugin) => plugin.id === id);
  }

  isBusy(id: string): boolean {
    return this.busyIds().has(id);
  }

  /** Keeps the list fresh until the returned function is called. */
  watch(): () => void {
    let watching = true;
    this.watchers += 1;
    if (this.watchers === 1) this.resume();
    return () => {
      if (!watching) return;
      watching = false;
      this.watchers -= 1;
      if (this.watchers === 0) this.reset();
    };
  }

  /** Asks for the list now. Never rejects: the outcome is in `status`, `error` and `connectionLost`. */
  async refresh(): Promise<void> {
    clearTimeout(this.timer);
    const generation = this.generation;
    const turn = ++this.asked;
    try {
      const { items, reading, problem } = await this.api.list();
      if (generation !== this.generation || turn < this.shown) return;
      this.shown = turn;
      this.list.set(items);
      this.isReading.set(reading);
      this.problem.set(problem);
      this.lastError.set(null);
      this.failures.set(0);
    } catch (error) {
      if (generation !== this.generation || turn < this.shown) return;
      this.lastError.set(toApiError(error));
      this.failures.update((count) => count + 1);
    }
    this.schedule();
  }

  /** Resolves with what happened once the plugin is ready or stopped; rejects with an ApiError. */
  enable(id: string): Promise<LifecycleAnswer> {
    return this.act(id, () => this.api.enable(id));
  }

  disable(id: string): Promise<LifecycleAnswer> {
    return this.act(id, () => this.api.disable(id));
  }

  restart(id: string): Promise<LifecycleAnswer> {
    return this.act(id, () => this.api.restart(id));
  }

  /** Forgets its crashes and tries it again. */
  resetPlugin(id: string): Promise<LifecycleAnswer> {
    return this.act(id, () => this.api.reset(id));
  }

  /** Lets another version of it run. */
  rollback(id: string, digest: string): Promise<LifecycleAnswer> {
    return this.act(id, () => this.api.rollback(id, digest));
  }

  private async act(id: string, action: () => Promise<LifecycleAnswer>): Promise<LifecycleAnswer> {
    this.busyIds.update((ids) => new Set(ids).add(id));
    try {
      const answer = await action();
      this.generation += 1;
      this.list.update((list) => list?.map((item) => (item.id === id ? answer.plugin : item)) ?? null);
      return answer;
    } catch (error) {
      this.generation += 1;
      throw toApiError(error);
    } finally {
      this.busyIds.update((ids) => new Set([...ids].filter((busy) => busy !== id)));
      void this.refresh();
    }
  }

  private schedule(): void {
    clearTimeout(this.timer);
    if (this.watchers === 0 || this.document.visibilityState === 'hidden') return;
    const doublings = Math.max(0, this.failures() - 1);
    const delay = Math.min(this.interval() * 2 ** doublings, MAX_POLL_INTERVAL_MS);
    this.timer = setTimeout(() => void this.refresh(), delay);
  }

  private interval(): number {
    if (this.reading()) return READING_POLL_INTERVAL_MS;
    return this.streaming ? SLOW_POLL_INTERVAL_MS : POLL_INTERVAL_MS;
  }

  private onVisibilityChange(): void {
    if (this.document.visibilityState === 'hidden') this.pause();
    else if (this.watchers > 0) this.resume();
  }

  /** Asks and listens. A hidden page does neither: browsers allow a host few connections, and a stream takes one. */
  private resume(): void {
    void this.refresh();
    if (this.document.visibilityState === 'hidden') return;
    this.stopListening ??= this.stream.listen({
      onEvent: () => this.gather(),
      onOpen: (isOpen) => this.onStream(isOpen),
    });
  }

  private pause(): void {
    clearTimeout(this.timer);
    clearTimeout(this.gathering);
    this.gathering = undefined;
    this.stopListening?.();
    this.stopListening = undefined;
    this.streaming = false;
  }

  private gather(): void {
    this.gathering ??= setTimeout(() => {
      this.gathering = undefined;
      void this.refresh();
    }, GATHER_MS);
  }

  /** What happened before it opened was not told; and one that breaks off may be the first sign of a host that is gone. */
  private onStream(isOpen: boolean): void {
    const changed = this.streaming !== isOpen;
    this.streaming = isOpen;
    if (changed) this.gather();
  }

  /** Nobody looks any more (signed out): the next user must not see what this one saw. */
  private reset(): void {
    this.pause();
    this.generation += 1;
    this.list.set(null);
    this.isReading.set(false);
    this.problem.set(null);
    this.lastError.set(null);
    this.failures.set(0);
  }
}

/** `Mirror 2` before `Mirror 10`. */
export function byName(a: PluginSummary, b: PluginSummary): number {
  return a.name.localeCompare(b.name, undefined, { numeric: true });
}

function sameJson(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
