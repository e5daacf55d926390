import { ChangeDetectionStrategy, Component, computed, inject, signal } from '@angular/core';
import { MatButton, MatIconButton } from '@angular/material/button';
import { MAT_DIALOG_DATA, MatDialogClose, MatDialogContent, MatDialogTitle } from '@angular/material/dialog';
import {
  MatAccordion,
  MatExpansionPanel,
  MatExpansionPanelContent,
  MatExpansionPanelHeader,
} from '@angular/material/expansion';
import { MatIcon } from '@angular/material/icon';
import { MatProgressBar } from '@angular/material/progress-bar';
import { toApiError } from '../../core/api/api-error';
import { PluginsApi } from '../../core/api/plugins-api';
import type { CrashSummary } from '../../core/api/types';
import { localTime } from '../logs/log-line';
import { Notice } from '../notice/notice';
import { asSentence } from '../status/as-sentence';
import { CrashReport } from './crash-report';

export interface CrashesDialogData {
  readonly id: string;
  readonly name: string;
}

/** The last crashes of a plugin, newest first; each opens to all that is known of it, and the newest is open. */
@Component({
  selector: 'toru-crashes-dialog',
  imports: [
    CrashReport,
    MatAccordion,
    MatButton,
    MatDialogClose,
    MatDialogContent,
    MatDialogTitle,
    MatExpansionPanel,
    MatExpansionPanelContent,
    MatExpansionPanelHeader,
    MatIcon,
    MatIconButton,
    MatProgressBar,
    Notice,
  ],
  changeDetection: ChangeDetectionStrategy.OnPush,
  templateUrl: './crashes-dialog.html',
  styleUrls: ['../dialog/dialog.scss', './crashes-dialog.scss'],
})
export class CrashesDialog {
  private readonly api = inject(PluginsApi);
  protected readonly data = inject<CrashesDialogData>(MAT_DIALOG_DATA);

  private readonly loaded = signal<readonly CrashSummary[] | null>(null);
  private page = 0;
  protected readonly hasMore = signal(false);
  protected readonly problem = signal<string | null>(null);
  protected readonly loading = signal(false);
  protected readonly crashes = computed(() => this.loaded() ?? []);
  protected readonly isEmpty = computed(() => this.loaded()?.length === 0);

  constructor() {
    void this.loadMore();
  }

  protected readonly sentence = asSentence;

  protected time(timestamp: string): string {
    return localTime(timestamp).replace(/\.\d+$/, '');
  }

  protected async loadMore(): Promise<void> {
    this.problem.set(null);
    this.loading.set(true);
    try {
      const { items, has_more } = await this.api.crashes(this.data.id, this.page + 1);
      this.page += 1;
      // a crash that came meanwhile has moved the pages on
      const known = new Set(this.crashes().map(({ id }) => id));
      this.loaded.update((crashes) => [...(crashes ?? []), ...items.filter(({ id }) => !known.has(id))]);
      this.hasMore.set(has_more);
    } catch (error) {
      this.problem.set(toApiError(error).detail);
    } finally {
      this.loading.set(false);
    }
  }
}
