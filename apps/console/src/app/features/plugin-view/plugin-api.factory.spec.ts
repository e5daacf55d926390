import { HttpTestingController } from '@angular/common/http/testing';
import { signal } from '@angular/core';
import { TestBed } from '@angular/core/testing';
import { provideRouter, Router } from '@angular/router';
import { jest } from '@jest/globals';
import { user } from '../../../testing/fixtures';
import { provideConsoleTesting } from '../../../testing/providers';
import type { CurrentUser } from '../../core/api/types';
import { ToastService } from '../../core/notifications/toast.service';
import { LocaleService } from '../../core/preferences/locale.service';
import { ThemeService } from '../../core/preferences/theme.service';
import { SessionStore } from '../../core/session/session.store';
import { PluginApiFactory } from './plugin-api.factory';
import { pluginRouteUrl } from './plugin-route-url';

describe('pluginRouteUrl', () => {
  it.each([
    ['/certificate?x=1', '/api/plugins/route/acme/certificate?x=1'],
    ['certificate', '/api/plugins/route/acme/certificate'],
    ['', '/api/plugins/route/acme'],
    ['?x=../y', '/api/plugins/route/acme?x=../y'],
    ['/a..b/...', '/api/plugins/route/acme/a..b/...'],
    ['/x#fragment', '/api/plugins/route/acme/x'],
  ])('[FE-4] puts %s below the route', (path, url) => {
    expect(pluginRouteUrl('/acme', path)).toBe(url);
  });

  it.each([
    'https://evil.example/',
    '//evil.example/',
    ' https://evil.example/',
    'javascript:alert(1)',
    '/../other',
    '..',
    '/x/../../other',
    '/%2e%2E/other',
    '/.%2e/other',
    '/./x',
    '\\\\evil.example',
    '/x\\..\\y',
    '/.\t./other',
  ])('[FE-4] refuses %s', (path) => {
    expect(() => pluginRouteUrl('/acme', path)).toThrow(TypeError);
  });
});

describe('PluginApiFactory', () => {
  const current = signal<CurrentUser | null>(user());
  const theme = signal<'light' | 'dark'>('light');
  const locale = signal('en');
  const verify = jest.fn<() => Promise<void>>();
  const show = jest.fn<ToastService['show']>();
  const fetch = jest.fn<typeof window.fetch>();
  let factory: PluginApiFactory;

  beforeEach(() => {
    jest.resetAllMocks();
    current.set(user());
    theme.set('light');
    window.fetch = fetch;
    TestBed.configureTestingModule({
      providers: [
        ...provideConsoleTesting(),
        provideRouter([]),
        { provide: SessionStore, useValue: { user: current, verify } },
        { provide: ThemeService, useValue: { theme } },
        { provide: LocaleService, useValue: { locale } },
        { provide: ToastService, useValue: { show } },
      ],
    });
    factory = TestBed.inject(PluginApiFactory);
  });

  it('[FE-4] fetches from the plugin with the session and the header of the console', async () => {
    fetch.mockResolvedValue({ status: 200 } as Response);
    await factory.issue('acme', '/acme').api.fetch('/items', { method: 'POST', headers: { 'X-Own': '1' } });
    const [url, init] = fetch.mock.calls[0] ?? [];
    const headers = init?.headers as Headers;
    expect([url, init?.method, init?.credentials]).toEqual(['/api/plugins/route/acme/items', 'POST', 'same-origin']);
    expect([headers.get('X-Own'), headers.get('X-Requested-With')]).toEqual(['1', 'toru-console']);
  });

  it('[FE-4] rejects a refused path and asks nobody', async () => {
    await expect(factory.issue('acme', '/acme').api.fetch('https://evil.example/')).rejects.toThrow(TypeError);
    expect(fetch).not.toHaveBeenCalled();
  });

  it('[FE-4] asks whether the session stands when the plugin is answered 401', async () => {
    fetch.mockResolvedValue({ status: 401 } as Response);
    await factory.issue('acme', '/acme').api.fetch('/items');
    expect(verify).toHaveBeenCalledTimes(1);
  });

  it('[FE-4] navigates within the console only, and not after the page was left', async () => {
    const navigate = jest.spyOn(TestBed.inject(Router), 'navigateByUrl').mockResolvedValue(true);
    const { api, revoke } = factory.issue('acme', '/acme');
    await api.navigate('/plugins/other');
    await api.navigate('details/7');
    await expect(api.navigate('//evil.example/')).rejects.toThrow(TypeError);
    revoke();
    expect(await api.navigate('/plugins/other')).toBe(false);
    expect(navigate.mock.calls).toEqual([['/plugins/other'], ['/plugins/acme/details/7']]);
  });

  it('[FE-4] shows toasts, of a known type only', () => {
    const { api } = factory.issue('acme', '/acme');
    api.showToast('Saved', 'success');
    api.showToast('Odd', 'constructor' as 'info');
    expect(show.mock.calls).toEqual([
      ['Saved', 'success'],
      ['Odd', 'info'],
    ]);
  });

  it('[FE-4] reads, writes and deletes values of the plugin', async () => {
    const http = TestBed.inject(HttpTestingController);
    const { kv } = factory.issue('acme', '/acme').api;
    const answer = (value: string | null): unknown => {
      const request = http.expectOne('/api/plugins/acme/kv');
      request.flush({ value });
      return request.request.body;
    };
    const got = kv.get('k');
    expect(answer('v')).toEqual({ action: 'get', key: 'k' });
    expect(await got).toBe('v');
    const set = kv.set('k', 'w');
    expect(answer(null)).toEqual({ action: 'set', key: 'k', value: 'w' });
    await set;
    const deleted = kv.delete('k');
    expect(answer(null)).toEqual({ action: 'delete', key: 'k' });
    await deleted;
    await expect(kv.set('k', { a: 1 } as unknown as string)).rejects.toThrow(TypeError);
  });

  it('[FE-4] gives the current user, theme and locale, and tells changes until it is told to stop', () => {
    jest.spyOn(console, 'error').mockImplementation(() => undefined);
    const { api, revoke } = factory.issue('acme', '/acme');
    const listener = jest.fn();
    const other = jest.fn();
    const stop = api.onChange(listener);
    api.onChange(() => {
      throw new Error('a broken listener');
    });
    api.onChange(other);
    TestBed.tick();
    expect(listener).not.toHaveBeenCalled();

    theme.set('dark');
    TestBed.tick();
    expect(listener).toHaveBeenLastCalledWith({
      user: { id: 'u1', name: 'ada', role: 'admin' },
      theme: 'dark',
      locale: 'en',
    });
    expect(api.theme).toBe('dark');
    stop();
    current.set(user({ role: 'viewer' }));
    TestBed.tick();
    expect(listener).toHaveBeenCalledTimes(1);
    expect(api.user.role).toBe('viewer');
    revoke();
    theme.set('light');
    TestBed.tick();
    expect(other).toHaveBeenCalledTimes(2);
  });

  it('[FE-4] cannot be changed by a plugin', () => {
    const { api } = factory.issue('acme', '/acme');
    expect([api, api.kv, api.user].every((part) => Object.isFrozen(part))).toBe(true);
  });
});
