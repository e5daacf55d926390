import { HttpClient } from '@angular/common/http';
import { inject, Injectable } from '@angular/core';
import { firstValueFrom } from 'rxjs';
import type { InstanceInfo } from './types';

/** `/api/instance`. */
@Injectable({ providedIn: 'root' })
export class InstanceApi {
  private readonly http = inject(HttpClient);

  info(): Promise<InstanceInfo> {
    return firstValueFrom(this.http.get<InstanceInfo>('/api/instance'));
  }
}
