import { DOCUMENT } from '@angular/common';
import type { EffectRef } from '@angular/core';
import { computed, effect, inject, Injectable, Injector, untracked } from '@angular/core';
import { Router } from '@angular/router';
import { CLIENT_HEADER } from '../../core/api/api.interceptor';
import { PluginsApi } from '../../core/api/plugins-api';
import { internalUrl } from '../../core/navigation/internal-url';
import type { ToastType } from '../../core/notifications/toast';
import { ToastService } from '../../core/notifications/toast.service';
import { LocaleService } from '../../core/preferences/locale.service';
import { ThemeService } from '../../core/preferences/theme.service';
import { SessionStore } from '../../core/session/session.store';
import type { PluginApi, PluginContext, PluginKv, PluginUser } from './plugin-api';
import { pluginRouteUrl } from './plugin-route-url';

const TOAST_TYPES: readonly ToastType[] = ['info', 'success', 'warning', 'error'];

/** An API that was handed to one mount, and the way to take it back. */
export interface IssuedApi {
  readonly api: PluginApi;
  /** Ends the notifications, and navigation by a page that is no longer shown. */
  revoke(): void;
}

/** Makes the `api` that a plugin's `mount` gets (FE-4). */
@Injectable({ providedIn: 'root' })
export class PluginApiFactory {
  private readonly plugins = inject(PluginsApi);
  private readonly session = inject(SessionStore);
  private readonly theme = inject(ThemeService);
  private readonly locale = inject(LocaleService);
  private readonly toasts = inject(ToastService);
  private readonly router = inject(Router);
  private readonly injector = inject(Injector);
  private readonly window = inject(DOCUMENT).defaultView;

  private readonly user = computed<PluginUser>(() => {
    const user = this.session.user();
    return Object.freeze({ id: user?.id ?? '', name: user?.name ?? '', role: user?.role ?? 'viewer' });
  });
  private readonly context = computed<PluginContext>(() =>
    Object.freeze({ user: this.user(), theme: this.theme.theme(), locale: this.locale.locale() }),
  );

  issue(id: string, route: string): IssuedApi {
    const notifications = new Set<EffectRef>();
    let revoked = false;
    const { user, theme, locale } = { user: this.user, theme: this.theme.theme, locale: this.locale.locale };

    const api: PluginApi = Object.freeze({
      get user() {
        return user();
      },
      get theme() {
        return theme();
      },
      get locale() {
        return locale();
      },
      fetch: (path: string, init?: RequestInit) => this.fetch(route, path, init),
      navigate: async (path: string) => (revoked ? false : this.navigate(id, path)),
      showToast: (message: string, type?: string) => this.showToast(message, type),
      kv: this.kv(id),
      onChange: (listener: (context: PluginContext) => void) => {
        if (revoked) return () => undefined;
        const notification = this.notify(listener);
        notifications.add(notification);
        return () => {
          notification.destroy();
          notifications.delete(notification);
        };
      },
    });
    const revoke = (): void => {
      revoked = true;
      notifications.forEach((notification) => notification.destroy());
      notifications.clear();
    };
    return { api, revoke };
  }

  private async fetch(route: string, path: string, init: RequestInit = {}): Promise<Response> {
    const url = pluginRouteUrl(route, path);
    const headers = new Headers(init.headers);
    headers.set(CLIENT_HEADER.name, CLIENT_HEADER.value);
    if (!this.window) throw new TypeError('There is no browser window.');
    const response = await this.window.fetch(url, { ...init, headers, credentials: 'same-origin' });
    // Either the session has ended, which the host is asked about, or the plugin means something of its own.
    if (response.status === 401) void this.session.verify();
    return response;
  }

  private async navigate(id: string, path: string): Promise<boolean> {
    const own = `/plugins/${encodeURIComponent(id)}/`;
    const url = internalUrl(typeof path === 'string' && !path.startsWith('/') ? own + path : path);
    if (url === null) throw new TypeError(`The console has no page at "${path}".`);
    return this.router.navigateByUrl(url);
  }

  private showToast(message: unknown, type?: string): void {
    this.toasts.show(String(message), TOAST_TYPES.find((known) => known === type) ?? 'info');
  }

  private kv(id: string): PluginKv {
    return Object.freeze({
      get: async (key: string) => (await this.plugins.kv(id, { action: 'get', key })).value,
      set: async (key: string, value: string) => {
        if (typeof value !== 'string') throw new TypeError('A value must be a string; use JSON.stringify for others.');
        await this.plugins.kv(id, { action: 'set', key, value });
      },
      delete: async (key: string) => {
        await this.plugins.kv(id, { action: 'delete', key });
      },
    });
  }

  private notify(listener: (context: PluginContext) => void): EffectRef {
    let last = untracked(this.context);
    return effect(
      () => {
        const context = this.context();
        if (context === last) return;
        last = context;
        untracked(() => {
          try {
            listener(context);
          } catch (error) {
            // One plugin's listener must not stop those of others.
            console.error(error);
          }
        });
      },
      { injector: this.injector },
    );
  }
}
