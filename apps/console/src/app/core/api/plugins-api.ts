import { HttpClient, HttpParams } from '@angular/common/http';
import { inject, Injectable } from '@angular/core';
import { firstValueFrom } from 'rxjs';
import type {
  KvAnswer,
  KvRequest,
  LifecycleAnswer,
  List,
  LogEntry,
  LogLevel,
  Page,
  PluginDetails,
  PluginEvent,
  PluginSummary,
} from './types';

/** Which log file: what the plugin wrote, or what the supervisor did with it. */
export type LogSource = 'plugin' | 'supervisor';

export interface LogQuery {
  /** Counts from 1; page 1 is the newest. */
  page: number;
  pageSize: number;
  source: LogSource;
  /** This level and all above it; null for all. */
  level: LogLevel | null;
  /** Plain text that a line must contain; empty for all. */
  search: string;
}

/** `/api/plugins`. Every method rejects with an ApiError. */
@Injectable({ providedIn: 'root' })
export class PluginsApi {
  private readonly http = inject(HttpClient);

  list(): Promise<List<PluginSummary>> {
    return firstValueFrom(this.http.get<List<PluginSummary>>('/api/plugins'));
  }

  details(id: string): Promise<PluginDetails> {
    return firstValueFrom(this.http.get<PluginDetails>(pluginUrl(id)));
  }

  enable(id: string): Promise<LifecycleAnswer> {
    return firstValueFrom(this.http.post<LifecycleAnswer>(`${pluginUrl(id)}/enable`, null));
  }

  disable(id: string): Promise<LifecycleAnswer> {
    return firstValueFrom(this.http.post<LifecycleAnswer>(`${pluginUrl(id)}/disable`, null));
  }

  logs(id: string, query: LogQuery): Promise<Page<LogEntry>> {
    let params = new HttpParams().set('page', query.page).set('page_size', query.pageSize).set('source', query.source);
    if (query.level !== null) params = params.set('level', query.level);
    if (query.search !== '') params = params.set('search', query.search);
    return firstValueFrom(this.http.get<Page<LogEntry>>(`${pluginUrl(id)}/logs`, { params }));
  }

  events(id: string, page: number, pageSize: number): Promise<Page<PluginEvent>> {
    const params = new HttpParams().set('page', page).set('page_size', pageSize);
    return firstValueFrom(this.http.get<Page<PluginEvent>>(`${pluginUrl(id)}/events`, { params }));
  }

  kv(id: string, request: KvRequest): Promise<KvAnswer> {
    return firstValueFrom(this.http.post<KvAnswer>(`${pluginUrl(id)}/kv`, request));
  }
}

/** The management address of one plugin. */
export function pluginUrl(id: string): string {
  return `/api/plugins/${encodeURIComponent(id)}`;
}
