import { inject, Injectable } from '@angular/core';
import { MatDialog } from '@angular/material/dialog';
import type { LimitsDialogData } from './limits-dialog';

/** Opens the limits of a plugin; the dialog's code is loaded when it is first wanted. */
@Injectable({ providedIn: 'root' })
export class LimitsDialogService {
  private readonly dialog = inject(MatDialog);

  async open({ id, name }: { id: string; name: string }): Promise<void> {
    const { LimitsDialog } = await import('./limits-dialog');
    const data: LimitsDialogData = { id, name };
    this.dialog.open(LimitsDialog, {
      ...{ data, panelClass: ['toru-dialog-panel', 'toru-limits-panel'], autoFocus: 'dialog', restoreFocus: true },
    });
  }
}
