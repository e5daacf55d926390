import { ChangeDetectionStrategy, Component, DestroyRef, effect, inject, input, signal, untracked } from '@angular/core';
import { MatButton, MatIconButton } from '@angular/material/button';
import { MatButtonToggle, MatButtonToggleGroup } from '@angular/material/button-toggle';
import { MatFormField, MatLabel, MatPrefix } from '@angular/material/form-field';
import { MatIcon } from '@angular/material/icon';
import { MatInput } from '@angular/material/input';
import { MatProgressBar } from '@angular/material/progress-bar';
import { MatOption, MatSelect } from '@angular/material/select';
import { MatTooltip } from '@angular/material/tooltip';
import type { LogLevel, LogSource } from '../../core/api/types';
import { LOG_LEVELS } from './log-line';
import { Notice } from '../notice/notice';
import { LogsStore } from './logs.store';

/** How long typing must pause before the search is sent (ms). */
export const SEARCH_DEBOUNCE_MS = 300;

/** One plugin's log, newest first: level, text, source, older pages; every line can be unfolded (MGR-3). */
@Component({
  selector: 'toru-log-viewer',
  imports: [
    MatButton,
    MatIconButton,
    MatButtonToggleGroup,
    MatButtonToggle,
    MatFormField,
    MatLabel,
    MatPrefix,
    MatIcon,
    MatInput,
    MatProgressBar,
    MatSelect,
    MatOption,
    MatTooltip,
    Notice,
  ],
  providers: [LogsStore],
  changeDetection: ChangeDetectionStrategy.OnPush,
  templateUrl: './log-viewer.html',
  styleUrl: './log-viewer.scss',
})
export class LogViewer {
  readonly pluginId = input.required<string>();
  readonly source = input<LogSource>('plugin');

  protected readonly store = inject(LogsStore);
  protected readonly levels = LOG_LEVELS;
  protected readonly expanded = signal<ReadonlySet<number>>(new Set());
  private searchTimer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    effect(() => {
      const [id, source] = [this.pluginId(), this.source()];
      untracked(() => void this.store.open(id, source));
    });
    inject(DestroyRef).onDestroy(() => clearTimeout(this.searchTimer));
  }

  protected setSource(source: LogSource): void {
    void this.store.setFilter({ source });
  }

  protected setLevel(level: LogLevel | null): void {
    void this.store.setFilter({ level });
  }

  protected setSearch(text: string): void {
    clearTimeout(this.searchTimer);
    this.searchTimer = setTimeout(() => void this.store.setFilter({ search: text.trim() }), SEARCH_DEBOUNCE_MS);
  }

  protected clearFilter(input: HTMLInputElement): void {
    clearTimeout(this.searchTimer);
    input.value = '';
    void this.store.setFilter({ level: null, search: '' });
  }

  protected isFiltered(): boolean {
    const { level, search } = this.store.filter();
    return level !== null || search !== '';
  }

  protected toggle(key: number): void {
    this.expanded.update((keys) => {
      const next = new Set(keys);
      if (!next.delete(key)) next.add(key);
      return next;
    });
  }
}
