import { TestbedHarnessEnvironment } from '@angular/cdk/testing/testbed';
import type { ComponentFixture } from '@angular/core/testing';
import { TestBed } from '@angular/core/testing';
import { MatButtonHarness } from '@angular/material/button/testing';
import { MAT_DIALOG_DATA, MatDialogRef } from '@angular/material/dialog';
import { MatFormFieldHarness } from '@angular/material/form-field/testing';
import { MatInputHarness } from '@angular/material/input/testing';
import { jest } from '@jest/globals';
import { settle } from '../../../../testing/fixtures';
import { provideConsoleTesting } from '../../../../testing/providers';
import { ApiError } from '../../../core/api/api-error';
import { PluginsApi } from '../../../core/api/plugins-api';
import type { PluginLimits } from '../../../core/api/types';
import { ToastService } from '../../../core/notifications/toast.service';
import { LimitsDialog } from './limits-dialog';
import { formatQuantity, parseQuantity } from './quantity';

const HOST = {
  ...{ concurrency: 256, queue: 100, queue_timeout_ms: 10_000 },
  ...{ first_byte_timeout_ms: 30_000, idle_timeout_ms: 300_000, max_body_bytes: 1024 ** 3 },
};
const LIMITS: PluginLimits = {
  plugin: 'acme',
  set: { concurrency: 8, paths: [{ path: '/report/*', first_byte_timeout_ms: 300_000 }] },
  proposed: {
    queue: 5,
    // the second one never counts
    paths: [
      { path: '/hook', max_body_bytes: 1024 },
      { path: '/hook', max_body_bytes: 2048 },
    ],
  },
  host: HOST,
  effective: {
    ...{ ...HOST, concurrency: 8, queue: 5 },
    paths: [
      { path: '/report/*', first_byte_timeout_ms: 300_000, idle_timeout_ms: 0, max_body_bytes: 1024 ** 3 },
      { path: '/hook', first_byte_timeout_ms: 30_000, idle_timeout_ms: 0, max_body_bytes: 1024 },
    ],
  },
  ...{ revision: 3, updated_at: '2026-11-21T02:08:13.000Z' },
};

describe('LimitsDialog', () => {
  const limits = jest.fn<PluginsApi['limits']>();
  const setLimits = jest.fn<PluginsApi['setLimits']>();
  const show = jest.fn<ToastService['show']>();
  const close = jest.fn();
  let fixture: ComponentFixture<LimitsDialog>;

  beforeEach(() => {
    jest.resetAllMocks();
    TestBed.configureTestingModule({
      providers: [
        ...provideConsoleTesting(),
        { provide: PluginsApi, useValue: { limits, setLimits } },
        { provide: ToastService, useValue: { show } },
        { provide: MatDialogRef, useValue: { close } },
        { provide: MAT_DIALOG_DATA, useValue: { id: 'acme', name: 'Acme' } },
      ],
    });
  });

  async function open(): Promise<void> {
    limits.mockResolvedValue(LIMITS);
    fixture = TestBed.createComponent(LimitsDialog);
    await stable();
  }
  async function stable(): Promise<void> {
    await fixture.whenStable();
    await settle();
    await fixture.whenStable();
  }
  const loader = (): ReturnType<typeof TestbedHarnessEnvironment.loader> => TestbedHarnessEnvironment.loader(fixture);
  const text = (): string => (fixture.nativeElement as HTMLElement).textContent.replace(/\s+/g, ' ');
  const field = (label: string, index = 0): Promise<MatInputHarness> =>
    loader()
      .getAllHarnesses(MatInputHarness.with({ label }))
      .then((all) => all[index] as MatInputHarness);
  const problems = async (): Promise<string[]> => {
    const fields = await loader().getAllHarnesses(MatFormFieldHarness.with({ hasErrors: true }));
    return (await Promise.all(fields.map((each) => each.getTextErrors()))).flat();
  };
  async function click(name: string): Promise<void> {
    const buttons = await loader().getAllHarnesses(MatButtonHarness);
    for (const button of buttons) {
      const label = await (await button.host()).getAttribute('aria-label');
      if ((label ?? (await button.getText())) === name) {
        await button.click();
        await stable();
        return;
      }
    }
    throw new Error(`There is no button ${name}.`);
  }

  it('[MGR-5] [PRO-4] shows what is set, what plugin and host say, and what is in force, for each path too', async () => {
    await open();
    expect(await (await field('Requests at once')).getValue()).toBe('8');
    expect(await (await field('Requests that wait')).getValue()).toBe('');
    expect(text()).toContain('Plugin proposes5Host100In force5');
    expect(text()).toContain('Host1 GiBIn force1 GiB');
    expect(await (await field('Path')).getValue()).toBe('/report/*');
    expect(await (await field('Time until an answer', 1)).getValue()).toBe('5 min');
    expect(text()).toContain('In force5 min');
    expect(text().split('The plugin’s rule')).toHaveLength(2);
    expect(text()).toContain('/hookThe plugin’s rule; in force:');
    expect(text()).toContain('Silence within an answerany timeLongest body1 KiB');
  });

  it('[MGR-5] saves all that is set, over the revision that was seen', async () => {
    await open();
    await (await field('Requests at once')).setValue('');
    await (await field('Silence within an answer')).setValue('0');
    await (await field('Longest body', 1)).setValue('1.5 mib');
    await click('Set limits for /hook');
    await (await field('Time until an answer', 2)).setValue('1h');
    setLimits.mockResolvedValue(LIMITS);
    await click('Save');
    const paths = [
      { path: '/report/*', first_byte_timeout_ms: 300_000, max_body_bytes: 1_572_864 },
      { path: '/hook', first_byte_timeout_ms: 3_600_000 },
    ];
    expect(setLimits).toHaveBeenCalledWith('acme', { limits: { idle_timeout_ms: 0, paths }, if_revision: 3 });
    expect(show).toHaveBeenCalledWith(expect.stringContaining('from the next request on'), 'success');
    expect(close).toHaveBeenCalled();
  });

  it('[MGR-5] says at the field what is wrong, before it is sent and after', async () => {
    await open();
    await (await field('Requests at once')).setValue('many');
    await (await field('Time that one waits')).setValue('30');
    await click('Add a rule for a path');
    await click('Save');
    expect(await problems()).toEqual([
      ...['Write a whole number.', 'Write it with its unit: 500 ms, 30 s, 5 min, 1 h.'],
      'It begins with /, as in /report/*.',
    ]);
    expect(setLimits).not.toHaveBeenCalled();

    await (await field('Requests at once')).setValue('2000');
    await (await field('Time that one waits')).setValue('');
    await (await field('Path', 1)).setValue('/a/../b');
    const errors = [
      { path: 'limits.concurrency', message: 'must be a whole number from 1 to 1024' },
      { path: 'limits.paths.1.path', message: 'must be a plain path' },
      { path: 'limits.paths.0.first_byte_timeout_ms', message: 'must be a whole number from 1 to 3600000' },
      { path: 'limits.colour', message: 'is not known' },
    ];
    setLimits.mockRejectedValueOnce(
      new ApiError(400, 'validation_failed', 'x', 'Nothing was changed.', null, null, errors),
    );
    await click('Save');
    expect(await problems()).toEqual([
      ...['It must be a whole number from 1 to 1024.', 'It must be a whole number of milliseconds from 1 to 3600000.'],
      'It must be a plain path.',
    ]);
    expect(text()).toContain('Nothing was changed. limits.colour is not known.');
    expect(close).not.toHaveBeenCalled();

    await (await field('Requests at once')).setValue('20');
    expect(await problems()).not.toContain('It must be a whole number from 1 to 1024.');
  });

  it('[MGR-5] leaves everything to plugin and host again, and takes rules away', async () => {
    await open();
    await click('Remove the rule for /report/*');
    expect(text()).not.toContain('Rule 1');
    await click('Reset all');
    setLimits.mockResolvedValue(LIMITS);
    await click('Save');
    expect(setLimits).toHaveBeenCalledWith('acme', { limits: {}, if_revision: 3 });
  });

  it('[API-6] tells of somebody who was faster, and loads again', async () => {
    await open();
    setLimits.mockRejectedValueOnce(new ApiError(409, 'conflict', 'x', 'Somebody else has changed the limits.'));
    await click('Save');
    expect(text()).toContain('Somebody else has changed the limits.');
    limits.mockResolvedValue({ ...LIMITS, set: { queue: 9 }, revision: 4 });
    await click('Load again');
    expect(await (await field('Requests that wait')).getValue()).toBe('9');
    expect(text()).not.toContain('Somebody else');
  });

  it('says why they could not be loaded, and tries again', async () => {
    limits.mockRejectedValueOnce(new ApiError(503, 'storage_unavailable', 'x', 'The database is away.'));
    fixture = TestBed.createComponent(LimitsDialog);
    await stable();
    expect(text()).toContain('The database is away.');
    limits.mockResolvedValue(LIMITS);
    await click('Try again');
    expect(text()).toContain('All paths');
  });

  it.each([
    ...([
      ['time', 0, '0'],
      ['time', 90_000, '90 s'],
      ['time', 1, '1 ms'],
      ['time', 7_200_000, '2 h'],
    ] as const),
    ...([
      ['size', 1536, '1536 B'],
      ['size', 3 * 1024, '3 KiB'],
      ['count', 7, '7'],
    ] as const),
  ])('writes and reads %s %d as %s', (unit, value, written) => {
    expect(formatQuantity(unit, value)).toBe(written);
    expect(parseQuantity(unit, written)).toBe(value);
  });

  it.each([
    ...([
      ['time', '0.1s', 100],
      ['time', ' 2 MIN ', 120_000],
      ['size', '1.5 GiB', 1.5 * 1024 ** 3],
    ] as const),
    ...([
      ['time', '30', null],
      ['time', '-1 s', null],
      ['time', '0.0001 s', null],
      ['size', '1e9 B', null],
    ] as const),
    ...([
      ['count', '1.5', null],
      ['count', '7 s', null],
      ['size', '99999999 GiB', null],
    ] as const),
  ])('reads %s "%s" as %p', (unit, written, value) => {
    expect(parseQuantity(unit, written)).toBe(value);
  });
});
