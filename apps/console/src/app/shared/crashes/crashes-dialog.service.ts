import { inject, Injectable } from '@angular/core';
import { MatDialog } from '@angular/material/dialog';
import type { CrashesDialogData } from './crashes-dialog';

/** Opens the crashes of a plugin from anywhere; the dialog's code is loaded when it is first wanted. */
@Injectable({ providedIn: 'root' })
export class CrashesDialogService {
  private readonly dialog = inject(MatDialog);

  async open(plugin: { id: string; name: string }): Promise<void> {
    const { CrashesDialog } = await import('./crashes-dialog');
    const data: CrashesDialogData = { id: plugin.id, name: plugin.name };
    this.dialog.open(CrashesDialog, {
      data,
      panelClass: ['toru-dialog-panel', 'toru-crashes-panel'],
      autoFocus: 'dialog',
      restoreFocus: true,
    });
  }
}
