import { computed, inject, Injectable, signal } from '@angular/core';
import { ApiError } from '../api/api-error';
import { AuthApi } from '../api/auth-api';
import { AuthFailures } from '../api/auth-failures';
import type { CurrentUser } from '../api/types';

/** Who is signed in. The cookie itself is HttpOnly: only the server knows whether it is still good. */
@Injectable({ providedIn: 'root' })
export class SessionStore {
  private readonly api = inject(AuthApi);
  /** Undefined until the server was asked; null when nobody is signed in. */
  private readonly current = signal<CurrentUser | null | undefined>(undefined);
  private loading: Promise<CurrentUser | null> | null = null;

  readonly user = computed(() => this.current() ?? null);
  readonly isAdmin = computed(() => this.current()?.role === 'admin');
  readonly mustChangePassword = computed(() => this.current()?.must_change_password === true);

  constructor() {
    inject(AuthFailures).failures.subscribe((failure) => {
      const user = this.current();
      if (failure === 'unauthenticated') this.current.set(null);
      else if (user) this.current.set({ ...user, must_change_password: true });
    });
  }

  /** The signed-in user, asked of the server once; rejects with an ApiError when the host cannot be reached. */
  async resolve(): Promise<CurrentUser | null> {
    const known = this.current();
    if (known !== undefined) return known;
    this.loading ??= this.load().finally(() => (this.loading = null));
    return this.loading;
  }

  /** Asks again whether the session still stands; a 401 ends it through the interceptor. */
  async verify(): Promise<void> {
    await this.load().catch(() => undefined);
  }

  async signIn(username: string, password: string): Promise<CurrentUser> {
    const user = await this.api.login({ username, password });
    this.current.set(user);
    return user;
  }

  /** Ends the session. A server that no longer knows the session is as good as one that ended it. */
  async signOut(): Promise<void> {
    try {
      await this.api.logout();
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 401) throw error;
    }
    this.current.set(null);
  }

  async changePassword(currentPassword: string, newPassword: string): Promise<void> {
    this.current.set(await this.api.changePassword(currentPassword, newPassword));
  }

  private async load(): Promise<CurrentUser | null> {
    try {
      const user = await this.api.me();
      this.current.set(user);
      return user;
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 401) throw error;
      this.current.set(null);
      return null;
    }
  }
}
