import { inject, Injectable } from '@angular/core';
import { MatDialog } from '@angular/material/dialog';
import type { LogSource } from '../../core/api/types';
import type { LogsDialogData } from './logs-dialog';

/** Opens the logs of a plugin from anywhere; the dialog's code is loaded when it is first wanted. */
@Injectable({ providedIn: 'root' })
export class LogsDialogService {
  private readonly dialog = inject(MatDialog);

  async open(plugin: { id: string; name: string }, source: LogSource = 'plugin'): Promise<void> {
    const { LogsDialog } = await import('./logs-dialog');
    const data: LogsDialogData = { id: plugin.id, name: plugin.name, source };
    this.dialog.open(LogsDialog, { data, panelClass: ['toru-dialog-panel', 'toru-logs-panel'], autoFocus: 'dialog', restoreFocus: true });
  }
}
