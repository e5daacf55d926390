import { inject, Injectable } from '@angular/core';
import { ApiClient } from './api-client';
import type { ClockState, LicenseOverview, PluginLicense, PluginLicenseAnswer } from './types';

/** The licences of plugins; for administrators alone. Every method rejects with an ApiError. */
@Injectable({ providedIn: 'root' })
export class LicencesApi {
  private readonly client = inject(ApiClient);

  /** Of the plugins that have a key or need one. */
  list(): Promise<LicenseOverview> {
    return this.client.get('/api/licenses');
  }

  of(id: string): Promise<PluginLicense> {
    return this.client.get('/api/plugins/{id}/license', { path: { id } });
  }

  enter(id: string, key: string): Promise<PluginLicenseAnswer> {
    return this.client.put('/api/plugins/{id}/license', { path: { id }, body: { key } });
  }

  /** Forgets the key that was entered; a file beside the plugin counts again. */
  remove(id: string): Promise<PluginLicenseAnswer> {
    return this.client.delete('/api/plugins/{id}/license', { path: { id } });
  }

  acceptClock(): Promise<ClockState> {
    return this.client.post('/api/licenses/clock/accept');
  }
}
