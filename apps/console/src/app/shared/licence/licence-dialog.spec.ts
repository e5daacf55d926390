import { Clipboard } from '@angular/cdk/clipboard';
import { TestbedHarnessEnvironment } from '@angular/cdk/testing/testbed';
import { signal } from '@angular/core';
import type { ComponentFixture } from '@angular/core/testing';
import { TestBed } from '@angular/core/testing';
import { MatButtonHarness } from '@angular/material/button/testing';
import { MAT_DIALOG_DATA } from '@angular/material/dialog';
import { MatInputHarness } from '@angular/material/input/testing';
import { jest } from '@jest/globals';
import { plugin, settle } from '../../../testing/fixtures';
import { provideConsoleTesting } from '../../../testing/providers';
import { ApiError } from '../../core/api/api-error';
import { InstanceApi } from '../../core/api/instance-api';
import { LicencesApi } from '../../core/api/licences-api';
import type { LicenseTerms, PluginLicense, PluginSummary } from '../../core/api/types';
import { ToastService } from '../../core/notifications/toast.service';
import { PluginsStore } from '../../core/plugins/plugins.store';
import { PluginActions } from '../actions/plugin-actions.service';
import { ConfirmService } from '../confirm/confirm.service';
import { LicenceDialog } from './licence-dialog';
import { licenceRequestText } from './licence-request';
import { inDays, licenceWords } from './licence-words';

const INSTANCE = '6c2e7a4e-9f34-4b0e-8a39-d5a0c1c6a2f1';
const TERMS: LicenseTerms = {
  ...{ form: 'ed25519', instance_id: INSTANCE, this_instance: true, expires: '2026-12-01', plugin: 'acme', id: 'L-1' },
  ...{ customer: 'Ada Ltd', issued: '2026-01-01', updates_until: '2027-01-01', features: ['export'] },
};
const licence = (change: Partial<PluginLicense> = {}): PluginLicense => ({
  ...{ plugin: 'acme', required: false, state: 'expiring', source: 'entered', key: 'TORU…abcd' },
  ...{ entered_at: '2026-11-20T10:00:00.000Z', file: null, terms: TERMS, days_left: 11 },
  ...change,
});
const NONE = licence({ state: 'none', source: null, key: null, entered_at: null, terms: null, days_left: null });

describe('LicenceDialog', () => {
  const api = {
    of: jest.fn<LicencesApi['of']>(),
    enter: jest.fn<LicencesApi['enter']>(),
    remove: jest.fn<LicencesApi['remove']>(),
  };
  const list = jest.fn<LicencesApi['list']>();
  const ask = jest.fn<ConfirmService['ask']>();
  const show = jest.fn<ToastService['show']>();
  const copy = jest.fn<Clipboard['copy']>();
  const restart = jest.fn<PluginActions['restart']>();
  const refresh = jest.fn<PluginsStore['refresh']>();
  const acme = signal<PluginSummary>(plugin());
  let fixture: ComponentFixture<LicenceDialog>;

  beforeEach(() => {
    jest.resetAllMocks();
    list.mockRejectedValue(new ApiError(503, 'storage_unavailable', 'x', 'Not now.'));
    acme.set(plugin());
    TestBed.configureTestingModule({
      providers: [
        ...provideConsoleTesting(),
        { provide: LicencesApi, useValue: { ...api, list } },
        { provide: InstanceApi, useValue: { info: () => Promise.resolve({ instance_id: INSTANCE, version: '1' }) } },
        { provide: PluginsStore, useValue: { find: () => acme(), refresh } },
        { provide: PluginActions, useValue: { restart } },
        { provide: ConfirmService, useValue: { ask } },
        { provide: ToastService, useValue: { show } },
        { provide: Clipboard, useValue: { copy } },
        { provide: MAT_DIALOG_DATA, useValue: { id: 'acme', name: 'Acme', version: '1.2.0' } },
      ],
    });
  });

  async function open(first: PluginLicense): Promise<void> {
    api.of.mockResolvedValue(first);
    fixture = TestBed.createComponent(LicenceDialog);
    await stable();
  }
  async function stable(): Promise<void> {
    await fixture.whenStable();
    await settle();
    await fixture.whenStable();
  }
  const text = (): string => (fixture.nativeElement as HTMLElement).textContent.replace(/\s+/g, ' ');
  const loader = (): ReturnType<typeof TestbedHarnessEnvironment.loader> => TestbedHarnessEnvironment.loader(fixture);
  const input = (label: string): Promise<MatInputHarness> => loader().getHarness(MatInputHarness.with({ label }));
  async function click(label: string): Promise<void> {
    await (await loader().getHarness(MatButtonHarness.with({ text: label }))).click();
    await stable();
  }

  it('[LIC-1] shows the key masked, its terms, and that it ends soon', async () => {
    await open(licence({ file: { name: 'acme.license', problem: null } }));
    for (const part of [
      ...[
        'TORU…abcd',
        'Ends soon',
        'The licence ends in 11 days, today included',
        '2026-12-01 (UTC)',
        'Updates until2027-01-01',
      ],
      ...['Ada Ltd', 'L-1', 'export', 'Days left11', 'Entered 2026-11-20', 'acme.license is not used: a key'],
    ]) {
      expect(text()).toContain(part);
    }
    expect(text()).toContain(INSTANCE);
  });

  it('[LIC-3] says why the plugin refuses, and takes another key, which starts it by itself', async () => {
    acme.set(plugin({ status: 'failed', refusal: 'license', reason: 'the licence has ended' }));
    await open(NONE);
    expect(text()).toContain('Acme refuses to run because of its licence.The licence has ended');
    api.enter.mockRejectedValueOnce(new ApiError(400, 'validation_failed', 'x', 'It has several lines.'));
    await (await input('Licence key')).setValue('one\ntwo');
    await click('Use this key');
    expect(text()).toContain('It has several lines.');
    expect(await (await input('Licence key')).getValue()).toBe('one\ntwo');

    api.enter.mockResolvedValue({ ...licence(), applied: 'started' });
    await (await input('Licence key')).setValue('  THE-KEY\n');
    acme.set(plugin());
    await click('Use this key');
    expect(api.enter).toHaveBeenLastCalledWith('acme', 'THE-KEY');
    expect(show).toHaveBeenCalledWith(expect.stringContaining('is started again'), 'success');
    expect(await (await input('Licence key')).getValue()).toBe('');
    expect(text()).not.toContain('refuses to run');
    expect(list).toHaveBeenCalled();

    api.enter.mockResolvedValue({ ...licence(), applied: 'update_retried' });
    await (await input('Licence key')).setValue('FOR-THE-UPDATE');
    await click('Use this key');
    expect(show).toHaveBeenLastCalledWith('Acme runs on, and its new version is tried with this key.', 'success');
  });

  it('[LIC-5] removes a key once that is confirmed, and offers the restart that brings it to a plugin that runs', async () => {
    await open(licence());
    ask.mockResolvedValueOnce(false);
    await click('Remove the key');
    expect(api.remove).not.toHaveBeenCalled();
    ask.mockResolvedValue(true);
    api.remove.mockResolvedValue({ ...NONE, applied: 'restart_required' });
    await click('Remove the key');
    expect(text()).toContain('Plugins that check no licence need none.');
    const [, , action] = show.mock.calls.at(-1) ?? [];
    action?.run();
    expect(restart).toHaveBeenCalledWith({ id: 'acme', name: 'Acme' });
  });

  it('[ID-1] copies the whole instance id, and asks for a licence with a file', async () => {
    await open(licence({ terms: { ...TERMS, customer: null } }));
    copy.mockReturnValue(true);
    await (
      await loader().getHarness(MatButtonHarness.with({ selector: '[aria-label="Copy the instance id"]' }))
    ).click();
    expect(copy).toHaveBeenCalledWith(INSTANCE);
    const button = await loader().getHarness(MatButtonHarness.with({ text: /Download licence request/ }));
    expect(await button.isDisabled()).toBe(true);
    await (await input('Customer')).setValue('Ada Ltd');
    expect(await button.isDisabled()).toBe(false);

    const request = { plugin: 'acme', instance: INSTANCE, customer: 'Ada Ltd' };
    expect(JSON.parse(licenceRequestText({ ...request, version: '1.2.0' }, 0))).toEqual({
      ...{ toru_licence_request: 1, ...request, version: '1.2.0', created: '1970-01-01T00:00:00.000Z' },
    });
    expect(JSON.parse(licenceRequestText({ ...request, version: null }, 0))).not.toHaveProperty('version');
  });

  it('says why it could not be loaded, and tries again', async () => {
    api.of.mockRejectedValueOnce(new ApiError(503, 'storage_unavailable', 'x', 'The database is away.'));
    fixture = TestBed.createComponent(LicenceDialog);
    await stable();
    expect(text()).toContain('The database is away.');
    api.of.mockResolvedValue(NONE);
    await click('Try again');
    expect(text()).toContain('No key');
  });

  it('[LIC-1] has words for every state', () => {
    const states = ['none', 'unreadable', 'other_instance', 'other_plugin', 'valid', 'expiring', 'expired'] as const;
    const labels = states.map((state) => licenceWords(licence({ state })).label);
    expect(new Set(labels).size).toBe(states.length);
    expect([1, 2, 3].map(inDays)).toEqual(['today', 'tomorrow', 'in 3 days, today included']);
  });
});
