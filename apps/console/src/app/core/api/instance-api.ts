import { inject, Injectable } from '@angular/core';
import { ApiClient } from './api-client';
import type { InstanceInfo } from './types';

/** `/api/instance`. */
@Injectable({ providedIn: 'root' })
export class InstanceApi {
  private readonly client = inject(ApiClient);

  info(): Promise<InstanceInfo> {
    return this.client.get('/api/instance');
  }
}
