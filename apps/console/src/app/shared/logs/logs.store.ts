import { computed, inject, Injectable, signal } from '@angular/core';
import type { ApiError } from '../../core/api/api-error';
import { toApiError } from '../../core/api/api-error';
import type { LogSource } from '../../core/api/types';
import { PluginsApi } from '../../core/api/plugins-api';
import type { LogLevel } from '../../core/api/types';
import type { LogLine } from './log-line';
import { toLogLine } from './log-line';

export const LOG_PAGE_SIZE = 100;

export interface LogFilter {
  readonly source: LogSource;
  readonly level: LogLevel | null;
  readonly search: string;
}

/** The lines that one log viewer shows, newest first; provided by the viewer itself. */
@Injectable()
export class LogsStore {
  private readonly api = inject(PluginsApi);

  private pluginId = '';
  private page = 1;
  private nextKey = 0;
  /** Counts loads: an answer to a filter that is no longer set is dropped. */
  private generation = 0;

  private readonly loaded = signal<readonly LogLine[] | null>(null);
  private readonly more = signal(false);
  private readonly busy = signal(false);
  private readonly failure = signal<ApiError | null>(null);
  private readonly current = signal<LogFilter>({ source: 'plugin', level: null, search: '' });

  readonly lines = computed(() => this.loaded() ?? []);
  /** False until the first page of this filter is there. */
  readonly ready = computed(() => this.loaded() !== null);
  readonly hasMore = this.more.asReadonly();
  readonly loading = this.busy.asReadonly();
  readonly error = this.failure.asReadonly();
  readonly filter = this.current.asReadonly();

  open(pluginId: string, source: LogSource): Promise<void> {
    this.pluginId = pluginId;
    this.current.update((filter) => ({ ...filter, source }));
    this.loaded.set(null);
    return this.refresh();
  }

  setFilter(change: Partial<LogFilter>): Promise<void> {
    this.current.update((filter) => ({ ...filter, ...change }));
    this.loaded.set(null);
    return this.refresh();
  }

  /** The newest page again; what was there stays until the new lines arrive. */
  async refresh(): Promise<void> {
    await this.load(1);
  }

  async loadOlder(): Promise<void> {
    await this.load(this.page + 1);
  }

  private async load(page: number): Promise<void> {
    const generation = ++this.generation;
    this.busy.set(true);
    this.failure.set(null);
    try {
      const answer = await this.api.logs(this.pluginId, { ...this.current(), page, pageSize: LOG_PAGE_SIZE });
      if (generation !== this.generation) return;
      const known = page === 1 ? [] : this.lines();
      this.loaded.set([...known, ...this.unknownOf(answer.items.map((entry) => toLogLine(entry, this.nextKey++)), known)]);
      this.more.set(answer.has_more);
      this.page = page;
    } catch (error) {
      if (generation === this.generation) this.failure.set(toApiError(error));
    } finally {
      if (generation === this.generation) this.busy.set(false);
    }
  }

  /** Pages count from the newest line, so lines written meanwhile push known ones onto the next page. */
  private unknownOf(lines: readonly LogLine[], known: readonly LogLine[]): readonly LogLine[] {
    const seen = new Set(known.map((line) => line.identity));
    return lines.filter((line) => !seen.has(line.identity));
  }
}
