import { inject, Injectable } from '@angular/core';
import { ApiClient } from './api-client';
import type {
  CrashDetails,
  CrashPage,
  KvAnswer,
  KvRequest,
  LifecycleAnswer,
  LogLevel,
  LogPage,
  LogSource,
  PluginDetails,
  PluginLimits,
  PluginLimitsChange,
  PluginList,
  PluginSettings,
  PluginSettingsAnswer,
  PluginSettingsChange,
  PluginVersionList,
} from './types';

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
  private readonly client = inject(ApiClient);

  list(): Promise<PluginList> {
    return this.client.get('/api/plugins');
  }

  details(id: string): Promise<PluginDetails> {
    return this.client.get('/api/plugins/{id}', { path: { id } });
  }

  enable(id: string): Promise<LifecycleAnswer> {
    return this.client.post('/api/plugins/{id}/enable', { path: { id } });
  }

  disable(id: string): Promise<LifecycleAnswer> {
    return this.client.post('/api/plugins/{id}/disable', { path: { id } });
  }

  restart(id: string): Promise<LifecycleAnswer> {
    return this.client.post('/api/plugins/{id}/restart', { path: { id } });
  }

  /** Forgets its crashes, ends its quarantines and tries it again. */
  reset(id: string): Promise<LifecycleAnswer> {
    return this.client.post('/api/plugins/{id}/reset', { path: { id } });
  }

  /** What may be set for it and what is set; admins only. */
  settings(id: string): Promise<PluginSettings> {
    return this.client.get('/api/plugins/{id}/settings', { path: { id } });
  }

  changeSettings(id: string, change: PluginSettingsChange): Promise<PluginSettingsAnswer> {
    return this.client.patch('/api/plugins/{id}/settings', { path: { id }, body: change });
  }

  /** How requests to it are bounded; admins only. */
  limits(id: string): Promise<PluginLimits> {
    return this.client.get('/api/plugins/{id}/limits', { path: { id } });
  }

  setLimits(id: string, change: PluginLimitsChange): Promise<PluginLimits> {
    return this.client.put('/api/plugins/{id}/limits', { path: { id }, body: change });
  }

  /** The versions that are kept, newest first. */
  versions(id: string): Promise<PluginVersionList> {
    return this.client.get('/api/plugins/{id}/versions', { path: { id } });
  }

  rollback(id: string, digest: string): Promise<LifecycleAnswer> {
    return this.client.post('/api/plugins/{id}/rollback', { path: { id }, body: { digest } });
  }

  /** The last crashes, newest first. */
  crashes(id: string, page: number): Promise<CrashPage> {
    return this.client.get('/api/plugins/{id}/crashes', { path: { id }, query: { page } });
  }

  crash(id: string, crash: number): Promise<CrashDetails> {
    return this.client.get('/api/plugins/{id}/crashes/{crash_id}', { path: { id, crash_id: crash } });
  }

  logs(id: string, { page, pageSize, source, level, search }: LogQuery): Promise<LogPage> {
    const filter = { level: level ?? undefined, search: search === '' ? undefined : search };
    return this.client.get('/api/plugins/{id}/logs', {
      path: { id },
      query: { page, page_size: pageSize, source, ...filter },
    });
  }

  kv(id: string, request: KvRequest): Promise<KvAnswer> {
    return this.client.post('/api/plugins/{id}/kv', { path: { id }, body: request });
  }
}

/** The management address of one plugin. */
export function pluginUrl(id: string): string {
  return `/api/plugins/${encodeURIComponent(id)}`;
}
