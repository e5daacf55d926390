import { TestbedHarnessEnvironment } from '@angular/cdk/testing/testbed';
import { signal } from '@angular/core';
import type { ComponentFixture } from '@angular/core/testing';
import { TestBed } from '@angular/core/testing';
import { MatButtonHarness } from '@angular/material/button/testing';
import { MatFormFieldHarness } from '@angular/material/form-field/testing';
import { MatInputHarness } from '@angular/material/input/testing';
import { MatSelectHarness } from '@angular/material/select/testing';
import { MatSlideToggleHarness } from '@angular/material/slide-toggle/testing';
import { MatSnackBarHarness } from '@angular/material/snack-bar/testing';
import { provideRouter } from '@angular/router';
import { jest } from '@jest/globals';
import { details, listOf, plugin, settle } from '../../../testing/fixtures';
import { provideConsoleTesting } from '../../../testing/providers';
import { ApiError, unreachable } from '../../core/api/api-error';
import { PluginsApi } from '../../core/api/plugins-api';
import type { PluginSettings, PluginSummary } from '../../core/api/types';
import { PluginsStore } from '../../core/plugins/plugins.store';
import { SessionStore } from '../../core/session/session.store';
import { ConfirmService } from '../../shared/confirm/confirm.service';
import { SettingsPage } from './settings.page';

const ACME = plugin({ has_settings: true });
const SETTINGS: PluginSettings = {
  ...{ plugin: 'acme', problem: null, secrets_set: ['token'], missing: ['target'], revision: 3, updated_at: null },
  values: { size: 7, loud: true, level: 'low', tags: ['a'] },
  schema: {
    type: 'object',
    properties: {
      target: { type: 'string', title: 'Target' },
      size: { type: 'integer', title: 'Size', maximum: 9, default: 4 },
      loud: { type: 'boolean', title: 'Loud', default: false },
      level: { type: 'string', title: 'Level', enum: ['low', 'high'] },
      tags: { type: 'array', title: 'Tags', items: { type: 'string' } },
      token: { type: 'string', title: 'Token', format: 'password' },
    },
    required: ['target'],
  },
};

describe('SettingsPage', () => {
  const api = {
    list: jest.fn<PluginsApi['list']>(),
    settings: jest.fn<PluginsApi['settings']>(),
    changeSettings: jest.fn<PluginsApi['changeSettings']>(),
    restart: jest.fn<PluginsApi['restart']>(),
  };
  const ask = jest.fn<ConfirmService['ask']>();
  const isAdmin = signal(true);
  let fixture: ComponentFixture<SettingsPage>;

  beforeEach(() => {
    jest.resetAllMocks();
    isAdmin.set(true);
    TestBed.configureTestingModule({
      providers: [
        ...provideConsoleTesting(),
        provideRouter([]),
        { provide: PluginsApi, useValue: api },
        { provide: SessionStore, useValue: { isAdmin } },
        { provide: ConfirmService, useValue: { ask } },
      ],
    });
  });

  async function show(settings: PluginSettings = SETTINGS, ...items: PluginSummary[]): Promise<void> {
    api.list.mockResolvedValue(listOf(...(items.length === 0 ? [ACME] : items)));
    api.settings.mockResolvedValue(settings);
    await TestBed.inject(PluginsStore).refresh();
    await open();
  }
  async function open(): Promise<void> {
    fixture = TestBed.createComponent(SettingsPage);
    await stable();
  }
  async function stable(): Promise<void> {
    await fixture.whenStable();
    await settle();
    await fixture.whenStable();
  }
  const text = (): string => (fixture.nativeElement as HTMLElement).textContent;
  const loader = (): ReturnType<typeof TestbedHarnessEnvironment.loader> => TestbedHarnessEnvironment.loader(fixture);
  const fields = (): Promise<MatFormFieldHarness[]> => loader().getAllHarnesses(MatFormFieldHarness);
  const field = (label: string): Promise<MatFormFieldHarness> =>
    loader().getHarness(MatFormFieldHarness.with({ floatingLabelText: new RegExp(`^${label}`) }));
  const type = async (label: string, value: string): Promise<void> => {
    const input = await (await field(label)).getControl(MatInputHarness);
    await input?.setValue(value);
    await input?.blur();
  };
  async function click(selector: string): Promise<void> {
    await (await loader().getHarness(MatButtonHarness.with({ selector }))).click();
    await stable();
  }
  const save = (): Promise<void> => click('[type=submit]');
  const toast = async (): Promise<string> =>
    (await TestbedHarnessEnvironment.documentRootLoader(fixture).getHarness(MatSnackBarHarness)).getMessage();

  it('[MGR-5] shows a section for each plugin that declares settings, with a field for each and what is set', async () => {
    await show(SETTINGS, ACME, plugin({ id: 'plain', name: 'Plain' }));
    expect(api.settings.mock.calls).toEqual([['acme']]);
    expect(await Promise.all((await fields()).map((one) => one.getLabel()))).toEqual([
      ...['Target *', 'Size', 'Level', 'Tags'],
    ]);
    expect(await (await (await field('Size')).getControl(MatInputHarness))?.getValue()).toBe('7');
    expect(await (await (await field('Level')).getControl(MatSelectHarness))?.getValueText()).toBe('low');
    expect(await (await loader().getHarness(MatSlideToggleHarness)).isChecked()).toBe(true);
    expect(await (await field('Size')).getTextHints()).toEqual(['At most 9. Default: 4']);
    expect(text()).toContain('Required: it has no value yet.');
    expect(text()).toMatch(/Token\s*Set/);
    expect(text()).not.toContain('Plain');
  });

  it('[MGR-5] saves what was changed, at the revision that was seen, and says that it is live', async () => {
    await show();
    const { schema } = SETTINGS;
    api.changeSettings.mockResolvedValue({ ...SETTINGS, schema, missing: [], revision: 4, applied: 'live' });
    await type('Target', 'there');
    await type('Size', '4');
    await type('Tags', 'a\nb');
    await save();
    expect(api.changeSettings.mock.calls).toEqual([
      ['acme', { values: { target: 'there', size: null, tags: ['a', 'b'] }, if_revision: 3 }],
    ]);
    expect(await toast()).toContain('Acme works with them already.');
    expect(text()).not.toContain('Required: it has no value yet.');
    expect(text()).not.toContain('Not saved yet');
  });

  it('[MGR-5] resets a value to its default, and discards what was not saved', async () => {
    await show();
    await click('[aria-label="Reset Size to its default"]');
    expect(await (await (await field('Size')).getControl(MatInputHarness))?.getValue()).toBe('4');
    const discard = MatButtonHarness.with({ text: 'Discard' });
    await (await loader().getHarness(discard)).click();
    expect(await (await (await field('Size')).getControl(MatInputHarness))?.getValue()).toBe('7');
    expect(await loader().getAllHarnesses(discard)).toHaveLength(0);
  });

  it('[MGR-5] sends nothing that cannot be right, and says why at the field', async () => {
    await show();
    await type('Size', '10');
    await save();
    expect(api.changeSettings).not.toHaveBeenCalled();
    expect(await (await field('Size')).getTextErrors()).toEqual(['Enter 9 or less.']);
  });

  it('[MGR-5] shows what the server refuses at its field, until that is changed', async () => {
    await show();
    const errors = [
      { path: 'size', message: 'must be <= 5' },
      { path: 'tags.1', message: 'must be shorter' },
    ];
    const refused = new ApiError(400, 'validation_failed', 'x', 'Acme does not take these.', null, null, errors);
    api.changeSettings.mockRejectedValueOnce(refused);
    await type('Size', '6');
    await save();
    expect(await (await field('Size')).getTextErrors()).toEqual(['It must be <= 5.']);
    expect(await (await field('Tags')).getTextErrors()).toEqual(['Entry 2 must be shorter.']);
    expect(text()).toContain('Acme does not take these.');
    expect(await (await (await field('Size')).getControl(MatInputHarness))?.isFocused()).toBe(true);
    await type('Size', '5');
    expect(await (await field('Size')).getTextErrors()).toEqual([]);
  });

  it('[MGR-5] tells that somebody was faster, and loads anew on request', async () => {
    await show();
    api.changeSettings.mockRejectedValue(new ApiError(409, 'conflict', 'x', 'Somebody else has changed them.'));
    await type('Size', '5');
    await save();
    expect(text()).toContain('Somebody else has changed them.');
    api.settings.mockResolvedValue({ ...SETTINGS, values: { size: 8 }, revision: 4 });
    await (await loader().getHarness(MatButtonHarness.with({ text: 'Reload' }))).click();
    await stable();
    expect(await (await (await field('Size')).getControl(MatInputHarness))?.getValue()).toBe('8');
    expect(text()).not.toContain('Somebody else has changed them.');
  });

  it('[MGR-5] replaces and clears a secret that it never shows', async () => {
    await show();
    api.changeSettings.mockResolvedValue({ ...SETTINGS, secrets_set: [], revision: 4, applied: 'next_start' });
    await click('[aria-label="Replace Token"]');
    const input = await loader().getHarness(MatInputHarness.with({ selector: '[autocomplete=new-password]' }));
    expect([await input.getType(), await input.getValue()]).toEqual(['password', '']);
    await input.setValue('hush');
    await save();
    await click('[aria-label="Set Token"]');
    await click('[aria-label="Keep as it is: Token"]');
    expect(api.changeSettings.mock.calls[0]?.[1].values).toEqual({ token: 'hush' });
    expect(await toast()).toContain('Acme gets them when it starts.');

    await show();
    await click('[aria-label="Clear Token"]');
    expect(text()).toContain('Cleared when you save');
    await save();
    expect(api.changeSettings.mock.calls[1]?.[1].values).toEqual({ token: null });
  });

  it('[MGR-5] offers the restart that a change needs', async () => {
    await show();
    api.changeSettings.mockResolvedValue({ ...SETTINGS, revision: 4, applied: 'restart_required' });
    api.restart.mockResolvedValue({ outcome: 'restarted', message: 'Acme was restarted.', plugin: details(ACME) });
    await type('Size', '5');
    await save();
    expect(await toast()).toContain('restart it to use them');
    await click('toru-strip button');
    expect(api.restart).toHaveBeenCalledWith('acme');
    expect(await toast()).toContain('Acme was restarted.');
    expect(text()).not.toContain('still works with the settings from before');
  });

  it('[MGR-5] puts a label that is too long for a phone above its field', async () => {
    const title = 'How long copies of the databases are kept';
    const properties = { days: { type: 'integer', title }, level: { type: 'string', title, enum: ['low', 'high'] } };
    await show({ ...SETTINGS, schema: { type: 'object', properties } });
    const element = fixture.nativeElement as HTMLElement;
    const labelOf = (selector: string): string | undefined => {
      const id = element.querySelector(selector)?.getAttribute('aria-labelledby')?.trim() ?? '';
      return element.querySelector(`[id="${id}"]`)?.textContent;
    };
    expect([labelOf('input'), labelOf('[role=combobox]')]).toEqual([title, title]);
    expect(element.querySelectorAll('mat-label')).toHaveLength(0);
  });

  it('[MGR-5] says why what a plugin declares cannot be used', async () => {
    await show({ ...SETTINGS, schema: null, problem: 'settings_schema.type must be "object"' });
    expect(text()).toContain('cannot be used: settings_schema.type must be "object"');
    expect(await fields()).toHaveLength(0);
  });

  it('[MGR-5] says that there is nothing to set, that it is for administrators, and what went wrong', async () => {
    await show(SETTINGS, plugin());
    expect(text()).toContain('Nothing to set');
    isAdmin.set(false);
    await stable();
    expect(text()).toContain('Settings are for administrators');

    isAdmin.set(true);
    await show();
    api.settings.mockRejectedValue(unreachable());
    await open();
    expect(text()).toContain('The host cannot be reached.');
    api.settings.mockResolvedValue(SETTINGS);
    await (await loader().getHarness(MatButtonHarness.with({ text: 'Try again' }))).click();
    await stable();
    expect(await fields()).toHaveLength(4);
  });

  it('asks before what was not saved is lost', async () => {
    await show();
    expect(await fixture.componentInstance.mayLeave()).toBe(true);
    expect(ask).not.toHaveBeenCalled();
    await type('Size', '5');
    ask.mockResolvedValue(false);
    expect(await fixture.componentInstance.mayLeave()).toBe(false);
  });
});
