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
  styles: `
    :host {
      display: flex;
      flex-direction: column;
      height: 100%;
      min-height: 0;
    }
    .head {
      display: flex;
      align-items: center;
      padding: 8px 12px 4px 0;
    }
    h2 {
      flex: 1;
      overflow: hidden;
      text-overflow: ellipsis;
      white-space: nowrap;
    }
    mat-dialog-content {
      flex: 1;
      display: flex;
      min-height: 0;
      max-height: none;
      overflow: hidden;
      padding-top: 8px !important;
    }
    toru-log-viewer {
      flex: 1;
      min-width: 0;
    }
  `,
})
export class LogsDialog {
  protected readonly data = inject<LogsDialogData>(MAT_DIALOG_DATA);
}
