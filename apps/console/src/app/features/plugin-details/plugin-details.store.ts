import { DOCUMENT } from '@angular/common';
import { DestroyRef, inject, Injectable, signal } from '@angular/core';
import type { ApiError } from '../../core/api/api-error';
import { toApiError } from '../../core/api/api-error';
import { PluginsApi } from '../../core/api/plugins-api';
import type { PluginDetails } from '../../core/api/types';

/** How often the details are asked for while the page is visible (ms). */
export const DETAILS_INTERVAL_MS = 3_000;

/** All that the server tells of one plugin, kept fresh; provided by its page. What was shown stays until more is known. */
@Injectable()
export class PluginDetailsStore {
  private readonly api = inject(PluginsApi);
  private readonly document = inject(DOCUMENT);

  private pluginId: string | null = null;
  private readonly loaded = signal<PluginDetails | null>(null);
  private readonly failure = signal<ApiError | null>(null);
  private readonly clock = signal(Date.now());
  /** When the details came, by this browser's clock: the server's may go differently. */
  private readonly arrived = signal(Date.now());

  readonly details = this.loaded.asReadonly();
  /** Why the last try gave nothing. */
  readonly error = this.failure.asReadonly();
  /** Advances once a second (ms since the epoch). */
  readonly now = this.clock.asReadonly();
  readonly arrivedAt = this.arrived.asReadonly();

  constructor() {
    const tick = setInterval(() => this.clock.set(Date.now()), 1_000);
    const refresh = setInterval(() => {
      if (this.document.visibilityState !== 'hidden') void this.refresh();
    }, DETAILS_INTERVAL_MS);
    const onVisible = (): void => {
      if (this.document.visibilityState !== 'hidden') void this.refresh();
    };
    this.document.addEventListener('visibilitychange', onVisible);
    inject(DestroyRef).onDestroy(() => {
      clearInterval(tick);
      clearInterval(refresh);
      this.document.removeEventListener('visibilitychange', onVisible);
    });
  }

  async open(pluginId: string): Promise<void> {
    if (pluginId !== this.pluginId) {
      this.pluginId = pluginId;
      this.loaded.set(null);
      this.failure.set(null);
    }
    await this.refresh();
  }

  /** Never rejects: the outcome is in `details` and `error`. */
  async refresh(): Promise<void> {
    const id = this.pluginId;
    if (id === null) return;
    try {
      const details = await this.api.details(id);
      if (id !== this.pluginId) return;
      this.loaded.set(details);
      this.arrived.set(Date.now());
      this.clock.set(Date.now());
      this.failure.set(null);
    } catch (error) {
      if (id === this.pluginId) this.failure.set(toApiError(error));
    }
  }
}
