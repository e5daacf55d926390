import { HttpClient } from '@angular/common/http';
import { inject, Injectable } from '@angular/core';
import { firstValueFrom } from 'rxjs';
import type { CurrentUser, LoginRequest } from './types';

/** `/api/auth`. Every method rejects with an ApiError. */
@Injectable({ providedIn: 'root' })
export class AuthApi {
  private readonly http = inject(HttpClient);

  me(): Promise<CurrentUser> {
    return firstValueFrom(this.http.get<CurrentUser>('/api/auth/me'));
  }

  login(credentials: LoginRequest): Promise<CurrentUser> {
    return firstValueFrom(this.http.post<CurrentUser>('/api/auth/login', credentials));
  }

  async logout(): Promise<void> {
    await firstValueFrom(this.http.post<void>('/api/auth/logout', null));
  }

  async changePassword(currentPassword: string, newPassword: string): Promise<void> {
    const body = { current_password: currentPassword, new_password: newPassword };
    await firstValueFrom(this.http.post<void>('/api/auth/password', body));
  }
}
