import type { ComponentFixture } from '@angular/core/testing';
import { TestBed } from '@angular/core/testing';
import { provideRouter } from '@angular/router';
import { jest } from '@jest/globals';
import { details, listOf, plugin, until } from '../../../testing/fixtures';
import { provideConsoleTesting } from '../../../testing/providers';
import { ApiError } from '../../core/api/api-error';
import { PluginsApi } from '../../core/api/plugins-api';
import type { PluginList, PluginSummary } from '../../core/api/types';
import { PluginsStore } from '../../core/plugins/plugins.store';
import { LogsDialogService } from '../../shared/logs/logs-dialog.service';
import { BundleLoader } from './bundle-loader';
import type { PluginFrontend } from './plugin-api';
import { PluginViewPage } from './plugin-view.page';

describe('PluginViewPage', () => {
  const api = {
    list: jest.fn<() => Promise<PluginList>>(),
    details: jest.fn<PluginsApi['details']>(),
    logs: jest.fn<PluginsApi['logs']>(),
  };
  const load = jest.fn<BundleLoader['load']>();
  const openLogs = jest.fn<LogsDialogService['open']>();
  const mount = jest.fn<PluginFrontend['mount']>();
  const unmount = jest.fn<NonNullable<PluginFrontend['unmount']>>();
  let fixture: ComponentFixture<PluginViewPage>;

  beforeEach(() => {
    jest.resetAllMocks();
    mount.mockImplementation((container) => (container.textContent = 'the plugin’s page'));
    load.mockResolvedValue({ mount, unmount });
    api.logs.mockResolvedValue({ items: [], page: 1, page_size: 100, has_more: false });
    TestBed.configureTestingModule({
      providers: [
        ...provideConsoleTesting(),
        provideRouter([]),
        { provide: PluginsApi, useValue: api },
        { provide: BundleLoader, useValue: { load } },
        { provide: LogsDialogService, useValue: { open: openLogs } },
      ],
    });
  });

  async function list(...items: PluginSummary[]): Promise<void> {
    api.list.mockResolvedValue(listOf(...items));
    await TestBed.inject(PluginsStore).refresh();
  }

  async function show(id: string, ...items: PluginSummary[]): Promise<void> {
    await list(...items);
    fixture = TestBed.createComponent(PluginViewPage);
    fixture.componentRef.setInput('id', id);
    await fixture.whenStable();
  }

  const element = (): HTMLElement => fixture.nativeElement as HTMLElement;
  const see = (text: string): Promise<true> => until(() => element().textContent.includes(text) || undefined);
  const click = (label: string): void => {
    [...element().querySelectorAll('button')].find((button) => button.textContent.includes(label))?.click();
  };

  it('[FE-2] [FE-3] mounts the page, unmounts it for another plugin, and mounts it again', async () => {
    await show('acme', plugin(), plugin({ id: 'other', name: 'Other' }));
    await see('the plugin’s page');
    const [first] = mount.mock.calls[0] ?? [];
    fixture.componentRef.setInput('id', 'other');
    await until(() => (mount.mock.calls.length === 2 ? true : undefined));
    expect(unmount.mock.calls).toEqual([[first]]);
    fixture.componentRef.setInput('id', 'acme');
    await until(() => (mount.mock.calls.length === 3 ? true : undefined));
    expect(mount.mock.calls[2]?.[0]).not.toBe(first);
  });

  it('[FE-3] shows why a page failed, leads to the logs, and tries again', async () => {
    mount.mockImplementationOnce(() => {
      throw new TypeError('<b>boom</b>');
    });
    await show('acme', plugin());
    await see('TypeError: <b>boom</b>');
    expect(element().querySelector('[role=alert] b')).toBeNull();
    click('View logs');
    expect(openLogs).toHaveBeenCalledWith(expect.objectContaining({ id: 'acme' }));
    click('Try again');
    await see('the plugin’s page');
    expect(element().querySelector('[role=alert]')).toBeNull();
  });

  it('explains that a plugin has no page, which is no error', async () => {
    load.mockRejectedValue(new ApiError(404, 'bundle_not_found', 'x', 'x'));
    await show('acme', plugin());
    await see('Acme has no page');
    expect(element().querySelector('[role=alert]')).toBeNull();
  });

  it('[NAV-2] shows state, reason and logs of a crashed plugin in the place of its page', async () => {
    api.details.mockResolvedValue(
      details({ status: 'backoff', consecutive_crashes: 3, next_retry_at: '2000-01-01T00:00:00.000Z' }),
    );
    await show('acme', plugin({ status: 'backoff', health: 'unhealthy', reason: 'Exited with status 1.' }));
    await see('Crashes in a row');
    expect(element().textContent).toContain('Exited with status 1.');
    expect(element().querySelector('toru-status-chip')?.textContent).toBe('Crashed');
    expect(element().querySelector('toru-log-viewer')).not.toBeNull();
    expect(mount).not.toHaveBeenCalled();
  });

  it('[NAV-2] takes the page away when its plugin crashes, and keeps it through a missed health check', async () => {
    api.details.mockResolvedValue(details());
    await show('acme', plugin());
    await see('the plugin’s page');
    await list(plugin({ status: 'unhealthy', health: 'unhealthy' }));
    await see('does not answer its health checks');
    expect(unmount).not.toHaveBeenCalled();
    await list(plugin({ status: 'backoff', health: 'unhealthy' }));
    await until(() => (unmount.mock.calls.length === 1 ? true : undefined));
  });

  it('waits for a plugin that a host which has just started may not have read yet', async () => {
    await show('acme', plugin({ id: 'another' }));
    api.list.mockResolvedValue({ items: [plugin({ id: 'another' })], reading: true, problem: null });
    await TestBed.inject(PluginsStore).refresh();
    await fixture.whenStable();
    expect(element().querySelector('mat-progress-bar')).not.toBeNull();
    expect(element().textContent).not.toContain('There is no such plugin');
  });

  it.each([
    [plugin({ enabled: false, status: 'disabled', health: 'unknown' }), 'Acme is not running'],
    [plugin({ status: 'starting', health: 'unknown' }), 'Acme is starting'],
    [plugin({ id: 'another' }), 'There is no such plugin'],
  ])('says what there is to say about a plugin without a page', async (item, text) => {
    await show('acme', item);
    expect(element().textContent).toContain(text);
    expect(mount).not.toHaveBeenCalled();
  });
});
