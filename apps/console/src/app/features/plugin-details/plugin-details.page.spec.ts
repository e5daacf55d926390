import { TestbedHarnessEnvironment } from '@angular/cdk/testing/testbed';
import { signal } from '@angular/core';
import type { ComponentFixture } from '@angular/core/testing';
import { TestBed } from '@angular/core/testing';
import { MatButtonHarness } from '@angular/material/button/testing';
import { MatSnackBarHarness } from '@angular/material/snack-bar/testing';
import { provideRouter } from '@angular/router';
import { jest } from '@jest/globals';
import { details, holdClock, listOf, settle } from '../../../testing/fixtures';
import { provideConsoleTesting } from '../../../testing/providers';
import { ApiError, unreachable } from '../../core/api/api-error';
import { PluginsApi } from '../../core/api/plugins-api';
import type { LifecycleAnswer, PluginDetails, PluginVersion } from '../../core/api/types';
import { PluginsStore } from '../../core/plugins/plugins.store';
import { SessionStore } from '../../core/session/session.store';
import { ConfirmService } from '../../shared/confirm/confirm.service';
import { CrashesDialogService } from '../../shared/crashes/crashes-dialog.service';
import { LicenceDialogService } from '../../shared/licence/licence-dialog.service';
import { LogsDialogService } from '../../shared/logs/logs-dialog.service';
import { PluginDetailsPage } from './plugin-details.page';
import { DETAILS_INTERVAL_MS } from './plugin-details.store';

const ACME = details({
  ...{ author: 'Ada', description: 'Does it.', homepage: 'https://example.org/', has_settings: true },
  ...{ running_version: '1.2.0', uptime_seconds: 61, restarts: 2, consecutive_crashes: 1 },
  resources: { cpu_percent: 3.2, memory_bytes: 1_572_864, open_files: 20, processes: 4, sampled_at: '' },
  budgets: [
    { resource: 'memory_bytes', limit: 64 * 1024 ** 2, declared: null, host: 64 * 1024 ** 2, enforced_by: 'sampling' },
    { resource: 'cpu_percent', limit: 50, declared: 50, host: null, enforced_by: 'cgroup' },
  ],
  quarantined_routes: [{ route: 'GET /poison', since: '', until: '2026-11-21T02:08:13.000Z', times: 1 }],
  recent_events: [
    {
      ...{ id: 1, plugin_id: 'acme', event_type: 'route_quarantined', timestamp: '2026-11-21T02:08:13.000Z' },
      details: { message: 'it crashed at GET /poison' },
    },
  ],
});
const version = (text: string, change: Partial<PluginVersion> = {}): PluginVersion => ({
  ...{ version: text, digest: text.repeat(12), ready_at: null, is_file: false, is_current: false },
  ...change,
});

describe('PluginDetailsPage', () => {
  const api = {
    list: jest.fn<PluginsApi['list']>(),
    details: jest.fn<PluginsApi['details']>(),
    versions: jest.fn<PluginsApi['versions']>(),
    rollback: jest.fn<PluginsApi['rollback']>(),
    disable: jest.fn<PluginsApi['disable']>(),
    enable: jest.fn<PluginsApi['enable']>(),
    restart: jest.fn<PluginsApi['restart']>(),
    reset: jest.fn<PluginsApi['reset']>(),
  };
  const ask = jest.fn<ConfirmService['ask']>();
  const openLogs = jest.fn<LogsDialogService['open']>();
  const openLicence = jest.fn<LicenceDialogService['open']>();
  const openCrashes = jest.fn<CrashesDialogService['open']>();
  const isAdmin = signal(true);
  let fixture: ComponentFixture<PluginDetailsPage>;

  beforeEach(() => {
    holdClock();
    jest.resetAllMocks();
    isAdmin.set(true);
    api.list.mockResolvedValue(listOf());
    api.versions.mockResolvedValue({
      items: [version('1.3.0', { is_file: true }), version('1.2.0', { is_current: true }), version('1.1.0')],
    });
    TestBed.configureTestingModule({
      providers: [
        ...provideConsoleTesting(),
        provideRouter([]),
        { provide: PluginsApi, useValue: api },
        { provide: SessionStore, useValue: { isAdmin } },
        { provide: ConfirmService, useValue: { ask } },
        { provide: LogsDialogService, useValue: { open: openLogs } },
        { provide: CrashesDialogService, useValue: { open: openCrashes } },
        { provide: LicenceDialogService, useValue: { open: openLicence } },
      ],
    });
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  async function show(plugin: PluginDetails = ACME): Promise<void> {
    api.details.mockResolvedValue(plugin);
    await open();
  }
  async function open(): Promise<void> {
    fixture = TestBed.createComponent(PluginDetailsPage);
    fixture.componentRef.setInput('id', 'acme');
    await stable();
  }
  async function stable(): Promise<void> {
    await fixture.whenStable();
    await settle();
    await fixture.whenStable();
  }
  const element = (): HTMLElement => fixture.nativeElement as HTMLElement;
  const text = (): string => element().textContent.replace(/\s+/g, ' ');
  const fact = (name: string): string | undefined =>
    [...element().querySelectorAll('dl > div')]
      .find((one) => one.querySelector('dt')?.textContent === name)
      ?.querySelector('dd')
      ?.textContent.trim();
  const loader = (): ReturnType<typeof TestbedHarnessEnvironment.loader> => TestbedHarnessEnvironment.loader(fixture);
  const buttons = async (): Promise<string[]> => {
    const all = await loader().getAllHarnesses(MatButtonHarness.with({ ancestor: 'toru-plugin-action-bar' }));
    return Promise.all(all.map((one) => one.getText()));
  };
  async function click(label: string | RegExp): Promise<void> {
    await (await loader().getHarness(MatButtonHarness.with({ text: label }))).click();
    await stable();
  }
  const toast = async (): Promise<string> =>
    (await TestbedHarnessEnvironment.documentRootLoader(fixture).getHarness(MatSnackBarHarness)).getMessage();

  it('[MGR-4] shows what a plugin is, what its process does, and what happened', async () => {
    await show();
    expect(element().querySelector('h1')?.textContent).toBe('Acme');
    expect(text()).toContain('Does it.');
    const wanted = {
      ...{ Author: 'Ada', Homepage: 'https://example.org/', Version: '1.2.0', Protocol: 'Version 1' },
      ...{ 'Process id': '4711', Uptime: '1 min 1 s', CPU: '3.2 %, at most 50 %' },
      ...{ Memory: '1.5 MB, at most 64.0 MB', Processes: '4' },
      ...{ 'Open files': '20', Restarts: '2', 'Crashes in a row': '1', File: 'acme.binary' },
    };
    expect(Object.fromEntries(Object.keys(wanted).map((name) => [name, fact(name)]))).toEqual(wanted);
    expect(text()).toContain('Route quarantinedIt crashed at GET /poison');
    expect(text()).toContain('Routes in quarantine');
  });

  it('[MGR-4] stays fresh while it is open, and keeps what it shows while the host does not answer', async () => {
    await show();
    const heading = element().querySelector('h1');
    api.details.mockRejectedValueOnce(unreachable());
    await jest.advanceTimersByTimeAsync(DETAILS_INTERVAL_MS);
    fixture.detectChanges();
    expect(fact('Process id')).toBe('4711');
    expect(fact('Uptime')).toBe('1 min 4 s');
    api.details.mockResolvedValue({ ...ACME, pid: 4712 });
    await jest.advanceTimersByTimeAsync(DETAILS_INTERVAL_MS);
    fixture.detectChanges();
    expect(fact('Process id')).toBe('4712');
    expect(element().querySelector('h1')).toBe(heading);
    const asked = api.details.mock.calls.length;
    fixture.destroy();
    await jest.advanceTimersByTimeAsync(DETAILS_INTERVAL_MS * 3);
    expect(api.details).toHaveBeenCalledTimes(asked);
  });

  it('[MGR-4] shows dashes where nothing runs or was measured', async () => {
    await show(details({ status: 'disabled', enabled: false, pid: null }));
    expect([fact('Process id'), fact('Uptime'), fact('CPU'), fact('Memory')]).toEqual(Array(4).fill('–'));
    expect(fact('Processes')).toBeUndefined();
  });

  it('[MGR-4] [LIF-1] [LIF-2] enables, disables, restarts and resets, and says what came of it', async () => {
    await show();
    const answer = (message: string, plugin: PluginDetails): LifecycleAnswer => ({ outcome: 'reset', message, plugin });
    expect(await buttons()).toEqual([
      ...['Disable', 'Restart', 'Reset', 'Licence', 'Limits', 'View logs', 'Crashes', 'Settings', 'Open page'],
    ]);
    api.restart.mockResolvedValue(answer('Acme was restarted.', ACME));
    await click('Restart');
    expect(await toast()).toContain('Acme was restarted.');
    api.reset.mockRejectedValue(new ApiError(503, 'shutting_down', 'x', 'The host is shutting down.'));
    await click('Reset');
    expect(await toast()).toContain('Acme was not reset: The host is shutting down.');
    const off = details({ status: 'disabled', enabled: false });
    api.disable.mockResolvedValue(answer('Acme was disabled.', off));
    api.details.mockResolvedValue(off);
    await click('Disable');
    expect(await toast()).toContain('Acme was disabled.');
    await click('View logs');
    expect(openLogs).toHaveBeenCalledWith(expect.objectContaining({ id: 'acme' }), 'plugin');
    await click('Crashes');
    expect(openCrashes).toHaveBeenCalledWith(expect.objectContaining({ id: 'acme' }));
  });

  it('[MGR-4] [SUP-8] lists the versions that are kept and goes back to one, once it is confirmed', async () => {
    await show();
    const rows = [...element().querySelectorAll('toru-plugin-versions li')].map((row) =>
      row.textContent.replace(/\s+/g, ' ').trim(),
    );
    expect(rows).toEqual([
      '1.3.0In the plugins directory1.3.01.3.01.was never ready Use this version',
      '1.2.0Current1.2.01.2.01.was never ready',
      '1.1.01.1.01.1.01.was never ready Go back to this version',
    ]);
    ask.mockResolvedValue(false);
    await click('Go back to this version');
    expect(ask).toHaveBeenCalledWith(expect.objectContaining({ heading: 'Use Acme 1.1.0?', action: 'Go back' }));
    expect(api.rollback).not.toHaveBeenCalled();

    ask.mockResolvedValue(true);
    api.rollback.mockResolvedValue({ outcome: 'rolled_back', message: 'Acme 1.1.0 has taken over.', plugin: ACME });
    api.versions.mockResolvedValue({ items: [version('1.2.0'), version('1.1.0', { is_current: true })] });
    await click('Go back to this version');
    expect(api.rollback).toHaveBeenCalledWith('acme', '1.1.0'.repeat(12));
    expect(await toast()).toContain('Acme 1.1.0 has taken over.');
    expect(text()).toContain('1.1.0Current');
  });

  it('[LIC-3] [MGR-4] offers a plugin that has failed for its licence another key, and has words for what happened', async () => {
    const recent_events = ['license_refused', 'license_changed', 'update_failed'].map((event_type, id) => ({
      ...{ id, plugin_id: 'acme', event_type, timestamp: '2026-11-21T02:08:13.000Z', details: {} },
    }));
    await show(details({ status: 'failed', refusal: 'license', reason: 'the licence has ended', recent_events }));
    await click('Enter licence key');
    expect(openLicence).toHaveBeenCalledWith(expect.objectContaining({ id: 'acme' }));
    const names = [...element().querySelectorAll('ol.list strong')].map((each) => each.textContent);
    expect(names).toEqual(['Licence refused', 'Licence key changed', 'Update failed']);
  });

  it('[MGR-4] tells in words which limits were changed', async () => {
    const recent_events = [['queue_timeout_ms', 'paths'], []].map((limits, id) => ({
      ...{ id, plugin_id: 'acme', event_type: 'limits_changed', timestamp: '2026-11-21T02:08:13.000Z' },
      details: { limits },
    }));
    await show(details({ recent_events }));
    expect(text()).toContain('Limits changedTime that one waits, single paths');
    expect(text()).toContain('Limits changedNone is set any more');
  });

  it('[MGR-4] lets a viewer look and change nothing', async () => {
    isAdmin.set(false);
    await show();
    expect(await buttons()).toEqual(['View logs', 'Crashes', 'Open page']);
    expect(text()).not.toContain('Go back to this version');
  });

  it('[MGR-4] [ISO-4] says why a file is no valid plugin, and offers what the supervisor knows', async () => {
    await show(details({ status: 'invalid', enabled: false, reason: 'it is empty', version: null, route: null }));
    expect(text()).toContain('It is empty');
    expect(await buttons()).toEqual(['View logs']);
    expect(api.versions).not.toHaveBeenCalled();
    await click('View logs');
    expect(openLogs).toHaveBeenCalledWith(expect.objectContaining({ id: 'acme' }), 'supervisor');
  });

  it('[MGR-4] [SUP-8] says why the file cannot be used, what is in use, and what to do, until it can be used', async () => {
    const strip = (): string | undefined =>
      element().querySelector('toru-strip')?.textContent.replace(/\s+/g, ' ').trim();
    const file_problem = 'its metadata is no JSON,\nas it ends too early';
    await show({ ...ACME, file_problem, running_version: '1.1.0' });
    expect(strip()).toBe(
      'Its file cannot be used as it is nowIts metadata is no JSON, as it ends too early ' +
        'Mend acme.binary or put another file in its place: the host takes it up by itself. ' +
        'Until then the version before it, 1.1.0, stays in use.',
    );
    expect(text()).not.toContain('In the plugins directory');
    const asked = api.versions.mock.calls.length;
    api.details.mockResolvedValue(ACME);
    await jest.advanceTimersByTimeAsync(DETAILS_INTERVAL_MS);
    await stable();
    expect(strip()).toBeUndefined();
    expect(text()).toContain('In the plugins directory');
    expect(api.versions.mock.calls.length).toBeGreaterThan(asked);
  });

  it('[MGR-4] says that there is no such plugin, or why nothing could be loaded', async () => {
    api.details.mockRejectedValue(new ApiError(404, 'plugin_not_found', 'x', 'No.'));
    await open();
    expect(text()).toContain('There is no such plugin');
    api.list.mockResolvedValue({ items: [], reading: true, problem: null });
    await TestBed.inject(PluginsStore).refresh();
    await open();
    expect(element().querySelector('mat-progress-bar')).not.toBeNull();
    api.details.mockRejectedValue(unreachable());
    await open();
    expect(text()).toContain('The host cannot be reached.');
    api.details.mockResolvedValue(ACME);
    await click('Try again');
    expect(element().querySelector('h1')?.textContent).toBe('Acme');
  });
});
