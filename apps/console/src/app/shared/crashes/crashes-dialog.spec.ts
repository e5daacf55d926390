import { TestbedHarnessEnvironment } from '@angular/cdk/testing/testbed';
import type { ComponentFixture } from '@angular/core/testing';
import { TestBed } from '@angular/core/testing';
import { MatButtonHarness } from '@angular/material/button/testing';
import { MAT_DIALOG_DATA } from '@angular/material/dialog';
import { MatExpansionPanelHarness } from '@angular/material/expansion/testing';
import { jest } from '@jest/globals';
import { settle } from '../../../testing/fixtures';
import { provideConsoleTesting } from '../../../testing/providers';
import { ApiError } from '../../core/api/api-error';
import { PluginsApi } from '../../core/api/plugins-api';
import type { CrashDetails, CrashPage, CrashSummary } from '../../core/api/types';
import { CrashesDialog } from './crashes-dialog';

const crash = (id: number, change: Partial<CrashSummary> = {}): CrashSummary => ({
  ...{ id, timestamp: '2026-11-21T02:08:13.123Z', version: '1.0.0', reason: `it ended with status ${id}` },
  ...{ exit_code: id, signal: null, out_of_memory: false, uptime_ms: 1_500, requests_in_flight: 1 },
  ...{ blamed_route: null, decision: 'restart' },
  ...change,
});
const page = (items: CrashSummary[], has_more = false): CrashPage => ({ items, page: 1, page_size: 20, has_more });
const details: CrashDetails = {
  ...crash(2, { signal: 'SIGKILL', out_of_memory: true, blamed_route: 'GET /items/*' }),
  ...{ plugin_id: 'acme', pid: 4, ended_by_host: false, ready_ms: 1, consecutive_crashes: 2 },
  ...{ memory_signs: ['The kernel did it.'], samples: [], timeline: ['2026-11-21T02:08:13.123Z'] },
  requests: [{ method: 'GET', path: '/items/7', for_ms: 12 }],
  log: [{ timestamp: '2026-11-21T02:08:13.000Z', level: 'error', message: 'about to burst' }],
};

describe('CrashesDialog', () => {
  const crashes = jest.fn<PluginsApi['crashes']>();
  const one = jest.fn<PluginsApi['crash']>();
  let fixture: ComponentFixture<CrashesDialog>;
  const text = (): string => (fixture.nativeElement as HTMLElement).textContent;
  const loader = (): ReturnType<typeof TestbedHarnessEnvironment.loader> => TestbedHarnessEnvironment.loader(fixture);

  beforeEach(() => {
    jest.resetAllMocks();
    TestBed.configureTestingModule({
      providers: [
        ...provideConsoleTesting(),
        { provide: PluginsApi, useValue: { crashes, crash: one } },
        { provide: MAT_DIALOG_DATA, useValue: { id: 'acme', name: 'Acme' } },
      ],
    });
  });

  async function open(): Promise<void> {
    fixture = TestBed.createComponent(CrashesDialog);
    await stable();
  }
  async function stable(): Promise<void> {
    await fixture.whenStable();
    await settle();
    await fixture.whenStable();
  }

  it('[NAV-2] lists the crashes, with the newest open to all that is known of it', async () => {
    crashes.mockResolvedValue(page([crash(2, { out_of_memory: true, decision: 'disable' }), crash(1)]));
    one.mockResolvedValue(details);
    await open();
    const panels = await loader().getAllHarnesses(MatExpansionPanelHarness);
    expect(panels).toHaveLength(2);
    expect(text()).toContain('Out of memory');
    expect(text()).toContain('Disabled');
    expect(await Promise.all(panels.map((panel) => panel.isExpanded()))).toEqual([true, false]);
    expect(one.mock.calls).toEqual([['acme', 2]]);
    for (const part of ['SIGKILL', '1.5 s', 'The kernel did it.', '/items/7', 'GET /items/*', 'about to burst']) {
      expect(text()).toContain(part);
    }

    await panels[1]?.expand();
    await stable();
    expect(one).toHaveBeenLastCalledWith('acme', 1);
  });

  it('says that there are none', async () => {
    crashes.mockResolvedValue(page([]));
    await open();
    expect(text()).toContain('No crashes');
  });

  it('loads older ones, each once, and says what went wrong', async () => {
    crashes.mockResolvedValueOnce(page([crash(3), crash(2)], true));
    crashes.mockRejectedValueOnce(new ApiError(503, 'storage_unavailable', 'x', 'The database is away.'));
    crashes.mockResolvedValueOnce(page([crash(2), crash(1)]));
    await open();
    await (await loader().getHarness(MatButtonHarness.with({ text: 'Older crashes' }))).click();
    await stable();
    expect(text()).toContain('The database is away.');
    await (await loader().getHarness(MatButtonHarness.with({ text: 'Try again' }))).click();
    await stable();
    expect(crashes.mock.calls.map(([, number]) => number)).toEqual([1, 2, 2]);
    expect(await loader().getAllHarnesses(MatExpansionPanelHarness)).toHaveLength(3);
  });
});
