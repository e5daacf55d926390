import { TestbedHarnessEnvironment } from '@angular/cdk/testing/testbed';
import type { ComponentFixture } from '@angular/core/testing';
import { TestBed } from '@angular/core/testing';
import { MatButtonToggleHarness } from '@angular/material/button-toggle/testing';
import { MAT_DIALOG_DATA } from '@angular/material/dialog';
import { MatSelectHarness } from '@angular/material/select/testing';
import { jest } from '@jest/globals';
import { settle } from '../../../testing/fixtures';
import { provideConsoleTesting } from '../../../testing/providers';
import { ApiError } from '../../core/api/api-error';
import { PluginsApi } from '../../core/api/plugins-api';
import type { LogEntry, LogPage } from '../../core/api/types';
import { SEARCH_DEBOUNCE_MS } from './log-viewer';
import { LogsDialog } from './logs-dialog';

/** Entries carry whatever further fields their writer gave them. */
function entry(message: string, change: Readonly<Record<string, unknown>> = {}): LogEntry {
  return { timestamp: '2026-11-21T02:08:13.123Z', level: 'info', plugin: 'acme', message, ...change };
}

function page(items: LogEntry[], change: Partial<LogPage> = {}): LogPage {
  return { items, page: 1, page_size: 100, has_more: false, ...change };
}

describe('LogsDialog', () => {
  const logs = jest.fn<PluginsApi['logs']>();
  let fixture: ComponentFixture<LogsDialog>;
  let element: HTMLElement;

  async function open(first: LogPage): Promise<void> {
    logs.mockReset().mockResolvedValue(first);
    TestBed.configureTestingModule({
      providers: [
        ...provideConsoleTesting(),
        { provide: PluginsApi, useValue: { logs } },
        { provide: MAT_DIALOG_DATA, useValue: { id: 'acme', name: 'Acme', source: 'plugin' } },
      ],
    });
    fixture = TestBed.createComponent(LogsDialog);
    element = fixture.nativeElement as HTMLElement;
    await stable();
  }

  async function stable(): Promise<void> {
    await fixture.whenStable();
    await settle();
    await fixture.whenStable();
  }

  const messages = (): string[] => [...element.querySelectorAll('.message')].map((line) => line.textContent);
  const button = (label: string): HTMLButtonElement => {
    const all = [...element.querySelectorAll('button')];
    const found = all.find((item) => item.textContent.includes(label) || item.getAttribute('aria-label') === label);
    if (!found) throw new Error(`No button ${label}`);
    return found;
  };

  it('[MGR-3] shows lines as plain text with their level, and unfolds their fields', async () => {
    await open(page([entry('<img src=x onerror=alert(1)>', { level: 'error', duration_ms: 12, error: { code: 13 } })]));
    expect(messages()).toEqual(['<img src=x onerror=alert(1)>']);
    expect(element.querySelector('img')).toBeNull();
    expect(element.querySelector('li')?.getAttribute('data-level')).toBe('error');
    expect(element.querySelector('pre')).toBeNull();
    element.querySelector<HTMLButtonElement>('.line')?.click();
    await stable();
    expect(JSON.parse(element.querySelector('pre')?.textContent ?? '')).toEqual({ duration_ms: 12, error: { code: 13 } });
  });

  it('[MGR-3] filters by level and by source', async () => {
    await open(page([entry('one')]));
    const loader = TestbedHarnessEnvironment.loader(fixture);
    await (await loader.getHarness(MatSelectHarness)).clickOptions({ text: 'warn and above' });
    expect(logs).toHaveBeenLastCalledWith('acme', expect.objectContaining({ level: 'warn', source: 'plugin', page: 1 }));
    await (await loader.getHarness(MatButtonToggleHarness.with({ text: 'Supervisor' }))).toggle();
    expect(logs).toHaveBeenLastCalledWith('acme', expect.objectContaining({ level: 'warn', source: 'supervisor' }));
  });

  it('[MGR-3] searches once typing pauses, and says when nothing matches', async () => {
    jest.useFakeTimers();
    try {
      const opening = open(page([entry('one')]));
      await jest.advanceTimersByTimeAsync(SEARCH_DEBOUNCE_MS);
      await opening;
      logs.mockClear().mockResolvedValue(page([]));
      const input = element.querySelector<HTMLInputElement>('input[type=search]');
      for (const text of ['pa', 'panic']) {
        if (input) input.value = text;
        input?.dispatchEvent(new Event('input'));
      }
      await jest.advanceTimersByTimeAsync(SEARCH_DEBOUNCE_MS * 2);
      expect(logs.mock.calls.map(([, query]) => query.search)).toEqual(['panic']);
      expect(element.textContent).toContain('No line matches');
    } finally {
      jest.useRealTimers();
    }
  });

  it('[MGR-3] adds older pages without repeating lines that new ones pushed down', async () => {
    await open(page([entry('three'), entry('two')], { has_more: true }));
    logs.mockResolvedValue(page([entry('two'), entry('one')], { page: 2 }));
    button('Load older lines').click();
    await stable();
    expect(logs).toHaveBeenLastCalledWith('acme', expect.objectContaining({ page: 2 }));
    expect(messages()).toEqual(['three', 'two', 'one']);
  });

  it('reads the newest lines again on request', async () => {
    await open(page([]));
    expect(element.textContent).toContain('Nothing logged yet');
    logs.mockResolvedValue(page([entry('new')]));
    button('Refresh the log').click();
    await stable();
    expect(messages()).toEqual(['new']);
  });

  it('says why a log cannot be read and tries again', async () => {
    await open(page([]));
    logs.mockRejectedValue(new ApiError(503, 'storage_unavailable', 'x', 'The disk is gone.'));
    button('Refresh the log').click();
    await stable();
    expect(element.querySelector('[role=alert]')?.textContent).toContain('The disk is gone.');
    logs.mockResolvedValue(page([entry('back')]));
    button('Try again').click();
    await stable();
    expect(messages()).toEqual(['back']);
  });

  it('drops the answer to a filter that is no longer set', async () => {
    await open(page([]));
    let late: (value: LogPage) => void = () => undefined;
    logs.mockReturnValueOnce(new Promise((resolve) => (late = resolve)));
    button('Refresh the log').click();
    logs.mockResolvedValue(page([entry('supervisor line')]));
    const toggle = TestbedHarnessEnvironment.loader(fixture).getHarness(MatButtonToggleHarness.with({ text: 'Supervisor' }));
    await (await toggle).toggle();
    late(page([entry('plugin line')]));
    await stable();
    expect(messages()).toEqual(['supervisor line']);
  });
});
