import { TestbedHarnessEnvironment } from '@angular/cdk/testing/testbed';
import { signal } from '@angular/core';
import type { ComponentFixture } from '@angular/core/testing';
import { TestBed } from '@angular/core/testing';
import { MatMenuHarness } from '@angular/material/menu/testing';
import { MatProgressSpinnerHarness } from '@angular/material/progress-spinner/testing';
import { MatSlideToggleHarness } from '@angular/material/slide-toggle/testing';
import { MatSnackBarHarness } from '@angular/material/snack-bar/testing';
import { MatTableHarness } from '@angular/material/table/testing';
import { provideRouter } from '@angular/router';
import { jest } from '@jest/globals';
import { details, listOf, plugin, settle } from '../../../testing/fixtures';
import { provideConsoleTesting } from '../../../testing/providers';
import { ApiError, unreachable } from '../../core/api/api-error';
import { PluginsApi } from '../../core/api/plugins-api';
import type { LifecycleAnswer, PluginList, PluginSummary } from '../../core/api/types';
import { PluginsStore } from '../../core/plugins/plugins.store';
import { SessionStore } from '../../core/session/session.store';
import { CrashesDialogService } from '../../shared/crashes/crashes-dialog.service';
import { LogsDialogService } from '../../shared/logs/logs-dialog.service';
import { PluginManagerPage } from './plugin-manager.page';

const OFF = plugin({ enabled: false, status: 'disabled', health: 'unknown' });
const INVALID = plugin({
  id: 'file-broken',
  name: 'broken.binary',
  version: null,
  file: 'broken.binary',
  enabled: false,
  status: 'invalid',
  health: 'unknown',
  reason: 'Its metadata is not valid JSON',
});

describe('PluginManagerPage', () => {
  const api = {
    list: jest.fn<() => Promise<PluginList>>(),
    enable: jest.fn<(id: string) => Promise<LifecycleAnswer>>(),
    disable: jest.fn<(id: string) => Promise<LifecycleAnswer>>(),
    restart: jest.fn<(id: string) => Promise<LifecycleAnswer>>(),
    reset: jest.fn<(id: string) => Promise<LifecycleAnswer>>(),
  };
  const openLogs = jest.fn<LogsDialogService['open']>();
  const openCrashes = jest.fn<CrashesDialogService['open']>();
  const isAdmin = signal(true);
  let fixture: ComponentFixture<PluginManagerPage>;

  beforeEach(() => {
    jest.resetAllMocks();
    isAdmin.set(true);
    TestBed.configureTestingModule({
      providers: [
        ...provideConsoleTesting(),
        provideRouter([]),
        { provide: PluginsApi, useValue: api },
        { provide: SessionStore, useValue: { isAdmin } },
        { provide: LogsDialogService, useValue: { open: openLogs } },
        { provide: CrashesDialogService, useValue: { open: openCrashes } },
      ],
    });
  });

  async function show(...items: PluginSummary[]): Promise<void> {
    api.list.mockResolvedValue(listOf(...items));
    await load();
  }

  async function load(): Promise<void> {
    await TestBed.inject(PluginsStore).refresh();
    fixture = TestBed.createComponent(PluginManagerPage);
    await fixture.whenStable();
  }

  const harness = (): ReturnType<typeof TestbedHarnessEnvironment.loader> => TestbedHarnessEnvironment.loader(fixture);
  const toast = (): Promise<MatSnackBarHarness> =>
    TestbedHarnessEnvironment.documentRootLoader(fixture).getHarness(MatSnackBarHarness);
  const text = (): string => (fixture.nativeElement as HTMLElement).textContent;

  it('[MGR-1] lists every plugin with name, version, status and health, the invalid ones with their reason', async () => {
    await show(plugin(), INVALID);
    const rows = await (await harness().getHarness(MatTableHarness)).getRows();
    const cells = await Promise.all(rows.map((row) => row.getCellTextByColumnName()));
    expect(cells).toMatchObject([
      { version: '1.2.0', status: 'Running', health: 'Healthy', file: 'acme.binary' },
      { version: '–', status: 'Invalid', health: 'Not running', file: 'broken.binary' },
    ]);
    expect(cells[0]?.['plugin']).toContain('Acme');
    expect(cells[1]?.['plugin']).toContain('Its metadata is not valid JSON');
    const toggles = await harness().getAllHarnesses(MatSlideToggleHarness);
    expect(await Promise.all(toggles.map((toggle) => toggle.isDisabled()))).toEqual([false, true]);
  });

  it('[MGR-1] [SUP-8] says beside the name, and never for a file that can be used, that a file cannot be', async () => {
    const { reason } = INVALID;
    const broken = { file_problem: 'it is not executable', description: 'Does it.' };
    await show(
      plugin({ id: 'a', name: 'A', ...broken }),
      plugin({ id: 'b', name: 'B', ...broken, status: 'backoff', reason: 'it crashed' }),
      plugin({ id: 'c', name: 'C', description: 'Does it.' }),
      { ...INVALID, id: 'd', name: 'D' },
    );
    const rows = await (await harness().getHarness(MatTableHarness)).getRows();
    const cells = await Promise.all(rows.map((row) => row.getCellTextByColumnName()));
    const names = cells.map(({ plugin: cell, status }) => [
      cell?.replace('🧩', '').replace(/\s+/g, ' ').trim(),
      status,
    ]);
    const problem = 'Its file cannot be used: the version before it stays in use.';
    expect(names).toEqual([
      [`A${problem}`, 'Running'],
      [`BIt crashed${problem}`, 'Crashed'],
      ['CDoes it.', 'Running'],
      [`D${reason}`, 'Invalid'],
    ]);
    expect((fixture.nativeElement as HTMLElement).querySelectorAll('mat-cell mat-icon[svgIcon=warning]')).toHaveLength(
      2,
    );
  });

  it('[MGR-2] shows progress on that row only, leaves the switch as the server says, then updates and confirms', async () => {
    await show(OFF, plugin({ id: 'other', name: 'Other' }));
    let answer: (value: LifecycleAnswer) => void = () => undefined;
    api.enable.mockReturnValue(new Promise((resolve) => (answer = resolve)));
    const [toggle] = await harness().getAllHarnesses(MatSlideToggleHarness);
    await toggle?.toggle();
    expect(api.enable).toHaveBeenCalledWith('acme');
    expect(await toggle?.isChecked()).toBe(false);
    expect(await harness().getAllHarnesses(MatProgressSpinnerHarness)).toHaveLength(1);

    api.list.mockResolvedValue(listOf(plugin(), plugin({ id: 'other', name: 'Other' })));
    answer({ outcome: 'enabled', message: 'Acme is running.', plugin: details() });
    await settle();
    expect(await toggle?.isChecked()).toBe(true);
    expect(await harness().getAllHarnesses(MatProgressSpinnerHarness)).toHaveLength(0);
    expect(await (await toast()).getMessage()).toContain('Acme is running.');
  });

  it('[MGR-2] disables and confirms', async () => {
    await show(plugin());
    api.disable.mockResolvedValue({ outcome: 'disabled', message: 'Acme was stopped.', plugin: details(OFF) });
    api.list.mockResolvedValue(listOf(OFF));
    await (await harness().getHarness(MatSlideToggleHarness)).toggle();
    await settle();
    expect(await (await toast()).getMessage()).toContain('Acme was stopped.');
    expect(text()).toContain('Disabled');
  });

  it('[MGR-2] says why a plugin did not start and offers its logs', async () => {
    await show(OFF);
    api.enable.mockRejectedValue(new ApiError(502, 'plugin_start_failed', 'x', 'It exited with status 1.'));
    const toggle = await harness().getHarness(MatSlideToggleHarness);
    await toggle.toggle();
    await settle();
    expect(await toggle.isChecked()).toBe(false);
    expect(await (await toast()).getMessage()).toContain('Acme was not enabled: It exited with status 1.');
    const action = [...document.querySelectorAll('toru-toast button')].find((b) => b.textContent.includes('View logs'));
    (action as HTMLButtonElement).click();
    expect(openLogs).toHaveBeenCalledWith(OFF, 'plugin');
  });

  it('restarts and resets from the menu, and says what came of it', async () => {
    await show(plugin());
    api.restart.mockResolvedValue({ outcome: 'restarted', message: 'Acme was restarted.', plugin: details(plugin()) });
    const menu = await harness().getHarness(MatMenuHarness);
    await menu.clickItem({ text: /Restart/ });
    await settle();
    expect(api.restart).toHaveBeenCalledWith('acme');
    expect(await (await toast()).getMessage()).toContain('Acme was restarted.');

    api.reset.mockRejectedValue(new ApiError(503, 'shutting_down', 'x', 'The host is shutting down.'));
    await menu.clickItem({ text: /Reset/ });
    await settle();
    expect(await (await toast()).getMessage()).toContain('Acme was not reset: The host is shutting down.');
  });

  it('offers a viewer the crashes alone', async () => {
    isAdmin.set(false);
    await show(plugin());
    const menu = await harness().getHarness(MatMenuHarness);
    await menu.open();
    const items = await menu.getItems();
    expect(await Promise.all(items.map((item) => item.getText()))).toEqual(['Crashes']);
    await items[0]?.click();
    expect(openCrashes).toHaveBeenCalledWith(expect.objectContaining({ id: 'acme' }));
  });

  it('gives a viewer no switch to use', async () => {
    isAdmin.set(false);
    await show(OFF);
    const toggle = await harness().getHarness(MatSlideToggleHarness);
    expect(await toggle.isDisabled()).toBe(true);
    await toggle.toggle();
    expect(api.enable).not.toHaveBeenCalled();
  });

  it('explains where plugins come from when there is none', async () => {
    await show();
    expect(text()).toContain('No plugins yet');
    expect(text()).toContain('.binary');
  });

  it('[MGR-1] does not say that there are none, or all, while the host still reads its plugins', async () => {
    api.list.mockResolvedValue({ items: [], reading: true, problem: null });
    await load();
    expect(text()).toContain('Looking for plugins…');
    expect(text()).not.toContain('No plugins yet');
    expect((fixture.nativeElement as HTMLElement).querySelector('mat-progress-bar')).not.toBeNull();

    api.list.mockResolvedValue({ items: [plugin()], reading: true, problem: null });
    await load();
    expect(text()).toContain('1 installed, 1 running. Looking for more…');
  });

  it('[MGR-1] says why there are none, or that what it shows may be old, when the host cannot read its plugins', async () => {
    const problem = 'The plugins directory /srv/plugins cannot be read (EACCES): give the user the right to read it.';
    api.list.mockResolvedValue({ items: [], reading: false, problem });
    await load();
    expect(text()).toContain(problem);
    expect(text()).toContain('The list is not available');
    expect(text()).not.toContain('No plugins yet');

    api.list.mockResolvedValue({ items: [plugin()], reading: false, problem });
    await load();
    expect(text()).toContain(`${problem} What was known before stays as it is.`);
    expect(text()).toContain('1 installed, 1 running');
  });

  it('shows progress while loading, an error with its reason, and loads again on request', async () => {
    fixture = TestBed.createComponent(PluginManagerPage);
    await fixture.whenStable();
    expect((fixture.nativeElement as HTMLElement).querySelector('mat-progress-bar')).not.toBeNull();

    api.list.mockRejectedValue(unreachable());
    await load();
    expect(text()).toContain('The host cannot be reached.');
    api.list.mockResolvedValue(listOf(plugin()));
    (fixture.nativeElement as HTMLElement).querySelector<HTMLButtonElement>('toru-notice button')?.click();
    await settle();
    await fixture.whenStable();
    expect(text()).toContain('1 installed, 1 running');
  });
});
