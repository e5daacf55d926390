import { inject, Injectable } from '@angular/core';
import { ApiClient } from './api-client';
import type { CurrentUser, LoginRequest } from './types';

/** `/api/auth`. Every method rejects with an ApiError. */
@Injectable({ providedIn: 'root' })
export class AuthApi {
  private readonly client = inject(ApiClient);

  me(): Promise<CurrentUser> {
    return this.client.get('/api/auth/me');
  }

  login(credentials: LoginRequest): Promise<CurrentUser> {
    return this.client.post('/api/auth/login', { body: credentials });
  }

  logout(): Promise<void> {
    return this.client.post('/api/auth/logout');
  }

  /** Resolves to the user as the new password leaves it. */
  changePassword(currentPassword: string, newPassword: string): Promise<CurrentUser> {
    const body = { current_password: currentPassword, new_password: newPassword };
    return this.client.post('/api/auth/password', { body });
  }
}
