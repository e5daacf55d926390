import { inject, Injectable, signal } from '@angular/core';
import { LicencesApi } from '../api/licences-api';
import type { LicenseOverview } from '../api/types';

/** How the licences stand, as the server last told; loaded by whoever shows it and after each change. */
@Injectable({ providedIn: 'root' })
export class LicencesStore {
  private readonly api = inject(LicencesApi);
  private readonly loaded = signal<LicenseOverview | null>(null);

  readonly overview = this.loaded.asReadonly();

  /** Never rejects: without an answer what was known stays. */
  async refresh(): Promise<void> {
    const overview = await this.api.list().catch(() => null);
    if (overview !== null) this.loaded.set(overview);
  }

  /** Says that the host's clock is right; rejects with an ApiError. */
  async acceptClock(): Promise<void> {
    await this.api.acceptClock();
    await this.refresh();
  }

  /** Nobody looks any more (signed out): the next user must not see what this one saw. */
  forget(): void {
    this.loaded.set(null);
  }
}
