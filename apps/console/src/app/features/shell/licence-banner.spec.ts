import { TestbedHarnessEnvironment } from '@angular/cdk/testing/testbed';
import { signal } from '@angular/core';
import { TestBed, type ComponentFixture } from '@angular/core/testing';
import { MatButtonHarness } from '@angular/material/button/testing';
import { jest } from '@jest/globals';
import { plugin, settle } from '../../../testing/fixtures';
import { provideConsoleTesting } from '../../../testing/providers';
import { LicencesApi } from '../../core/api/licences-api';
import type { LicenseOverview, PluginLicense } from '../../core/api/types';
import { PluginsStore } from '../../core/plugins/plugins.store';
import { LicenceDialogService } from '../../shared/licence/licence-dialog.service';
import { LicenceBanner } from './licence-banner';

const of = (id: string, state: PluginLicense['state'], days_left: number | null): PluginLicense => ({
  ...{ plugin: id, required: false, state, source: 'entered', key: '…', entered_at: null, file: null, terms: null },
  days_left,
});
const TIMES = { now: '2026-11-21T10:00:00.000Z', highest_seen: '2026-12-24T10:00:00.000Z' };

describe('LicenceBanner', () => {
  const list = jest.fn<LicencesApi['list']>();
  const acceptClock = jest.fn<LicencesApi['acceptClock']>();
  const open = jest.fn<LicenceDialogService['open']>();
  const installed = ['a', 'b', 'c', 'd', 'e'].map((id) => plugin({ id, name: id.toUpperCase() }));
  const plugins = signal(installed);
  let fixture: ComponentFixture<LicenceBanner>;

  beforeEach(() => {
    jest.resetAllMocks();
    plugins.set(installed);
    const store = { plugins, find: (id: string) => plugins().find((each) => each.id === id) };
    TestBed.configureTestingModule({
      providers: [
        ...provideConsoleTesting(),
        { provide: LicencesApi, useValue: { list, acceptClock } },
        { provide: PluginsStore, useValue: store },
        { provide: LicenceDialogService, useValue: { open } },
      ],
    });
  });

  async function show(overview: Partial<LicenseOverview>): Promise<string> {
    list.mockResolvedValue({ items: [], clock: { set_back: false, ...TIMES }, ...overview });
    fixture = TestBed.createComponent(LicenceBanner);
    return text();
  }
  async function text(): Promise<string> {
    await fixture.whenStable();
    await settle();
    await fixture.whenStable();
    return (fixture.nativeElement as HTMLElement).textContent.replace(/\s+/g, ' ').trim();
  }

  it('[LIC-5] says which licences end and have ended, of plugins that are installed, and leads to them', async () => {
    const items = [of('a', 'expiring', 12), of('b', 'expired', 0), of('c', 'valid', 90), of('gone', 'expired', 0)];
    expect(await show({ items })).toBe('The licence of A ends in 12 days, today included.The licence of B has ended.');
    const [first] = (fixture.nativeElement as HTMLElement).querySelectorAll<HTMLButtonElement>('.link');
    first?.click();
    expect(open).toHaveBeenCalledWith(expect.objectContaining({ id: 'a' }));
  });

  it('[LIC-5] counts what is too much for it, and stays hidden until there is something else to tell', async () => {
    const items = ['a', 'b', 'c', 'd', 'e'].map((id) => of(id, 'expiring', 1));
    expect(await show({ items })).toMatch(/ends today\.And 2 more\.$/);
    const loader = TestbedHarnessEnvironment.loader(fixture);
    await (await loader.getHarness(MatButtonHarness.with({ selector: '[aria-label="Hide for now"]' }))).click();
    expect(await text()).toBe('');
    list.mockResolvedValue({ items: [of('a', 'expired', 0)], clock: { set_back: false, ...TIMES } });
    plugins.set(installed.slice(0, 2));
    expect(await text()).toBe('The licence of A has ended.');
  });

  it('[LIC-5] tells of a clock that was set back until somebody says that it is right', async () => {
    expect(await show({ clock: { set_back: true, ...TIMES } })).toContain('The host’s clock was set back');
    list.mockResolvedValue({ items: [], clock: { set_back: false, ...TIMES } });
    await (await TestbedHarnessEnvironment.loader(fixture).getHarness(MatButtonHarness)).click();
    expect(acceptClock).toHaveBeenCalled();
    expect(await text()).toBe('');
  });
});
