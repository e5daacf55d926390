import { inject, Injectable, signal } from '@angular/core';
import type { ApiError } from '../../core/api/api-error';
import { toApiError } from '../../core/api/api-error';
import { PluginsApi } from '../../core/api/plugins-api';
import type { PluginSettings, SettingsOutcome } from '../../core/api/types';

/** The settings of one plugin as the server last told; provided by its section. */
@Injectable()
export class SettingsSectionStore {
  private readonly api = inject(PluginsApi);

  private pluginId = '';
  private readonly loaded = signal<PluginSettings | null>(null);
  private readonly loadFailure = signal<ApiError | null>(null);
  private readonly saveFailure = signal<ApiError | null>(null);
  private readonly busy = signal(false);

  readonly data = this.loaded.asReadonly();
  /** Why there is nothing to show. */
  readonly loadError = this.loadFailure.asReadonly();
  /** Why the last change was refused. */
  readonly saveError = this.saveFailure.asReadonly();
  readonly saving = this.busy.asReadonly();

  /** Never rejects: the outcome is in `data` and `loadError`. */
  async load(pluginId: string): Promise<void> {
    this.pluginId = pluginId;
    this.loadFailure.set(null);
    this.saveFailure.set(null);
    try {
      const data = await this.api.settings(pluginId);
      if (pluginId === this.pluginId) this.loaded.set(data);
    } catch (error) {
      if (pluginId === this.pluginId) this.loadFailure.set(toApiError(error));
    }
  }

  /** What became of the change; null where it was refused, for the reason in `saveError`. */
  async save(values: Record<string, unknown>): Promise<SettingsOutcome | null> {
    this.busy.set(true);
    this.saveFailure.set(null);
    try {
      const { applied, ...data } = await this.api.changeSettings(this.pluginId, {
        values,
        if_revision: this.loaded()?.revision ?? 0,
      });
      this.loaded.set(data);
      return applied;
    } catch (error) {
      this.saveFailure.set(toApiError(error));
      return null;
    } finally {
      this.busy.set(false);
    }
  }
}
