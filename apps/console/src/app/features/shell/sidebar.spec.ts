import { signal } from '@angular/core';
import { TestBed } from '@angular/core/testing';
import { provideRouter } from '@angular/router';
import { jest } from '@jest/globals';
import { listOf, plugin } from '../../../testing/fixtures';
import { provideConsoleTesting } from '../../../testing/providers';
import { PluginsApi } from '../../core/api/plugins-api';
import type { PluginList, PluginSummary } from '../../core/api/types';
import { PluginsStore } from '../../core/plugins/plugins.store';
import { SessionStore } from '../../core/session/session.store';
import { Sidebar } from './sidebar';

describe('Sidebar', () => {
  it('[NAV-1] shows each enabled plugin with icon, name and a dot that says in words how it is, live', async () => {
    const list = jest.fn<() => Promise<PluginList>>();
    TestBed.configureTestingModule({
      providers: [...provideConsoleTesting(), provideRouter([]), { provide: PluginsApi, useValue: { list } }],
    });
    const store = TestBed.inject(PluginsStore);
    const fixture = TestBed.createComponent(Sidebar);
    const show = async (...items: PluginSummary[]): Promise<string[]> => {
      list.mockResolvedValue(listOf(...items));
      await store.refresh();
      await fixture.whenStable();
      const links = (fixture.nativeElement as HTMLElement).querySelectorAll('.plugins a');
      return [...links].map((link) => link.textContent.replace(/\s+/g, ' ').trim());
    };
    const disabled = plugin({ id: 'off', name: 'Off', enabled: false, status: 'disabled', health: 'unknown' });
    expect(await show(plugin(), disabled)).toEqual(['🧩 Acme, Healthy']);
    const crashed = plugin({ status: 'backoff', health: 'unhealthy' });
    expect(await show(crashed, { ...disabled, enabled: true, status: 'starting' })).toEqual([
      '🧩 Acme, Unhealthy',
      '🧩 Off, Starting',
    ]);
    expect(await show(disabled)).toEqual([]);
  });

  it('[MGR-5] leads administrators alone to the settings', async () => {
    const isAdmin = signal(true);
    TestBed.configureTestingModule({
      providers: [...provideConsoleTesting(), provideRouter([]), { provide: SessionStore, useValue: { isAdmin } }],
    });
    const fixture = TestBed.createComponent(Sidebar);
    const entries = async (): Promise<string[]> => {
      await fixture.whenStable();
      const links = (fixture.nativeElement as HTMLElement).querySelectorAll('[mat-list-item]');
      return [...links].map((link) => link.textContent.trim());
    };
    expect(await entries()).toEqual(['Plugin Manager', 'Settings']);
    isAdmin.set(false);
    expect(await entries()).toEqual(['Plugin Manager']);
  });
});
