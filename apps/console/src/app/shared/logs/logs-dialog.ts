import { ChangeDetectionStrategy, Component, inject } from '@angular/core';
import { MatIconButton } from '@angular/material/button';
import { MAT_DIALOG_DATA, MatDialogClose, MatDialogContent, MatDialogTitle } from '@angular/material/dialog';
import { MatIcon } from '@angular/material/icon';
import type { LogSource } from '../../core/api/types';
import { LogViewer } from './log-viewer';

export interface LogsDialogData {
  readonly id: string;
  readonly name: string;
  readonly source: LogSource;
}

/** The log viewer in a dialog of its own. */
@Component({
  selector: 'toru-logs-dialog',
  imports: [MatDialogTitle, MatDialogContent, MatDialogClose, MatIconButton, MatIcon, LogViewer],
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <div class="head">
      <h2 mat-dialog-title>Logs of {{ data.name }}</h2>
      <button mat-icon-button mat-dialog-close aria-label="Close"><mat-icon svgIcon="close" /></button>
    </div>
    <mat-dialog-content>
      <toru-log-viewer [pluginId]="data.id" [source]="data.source" />
    </mat-dialog-content>
  `,
  styleUrls: ['../dialog/dialog.scss', './logs-dialog.scss'],
})
export class LogsDialog {
  protected readonly data = inject<LogsDialogData>(MAT_DIALOG_DATA);
}
