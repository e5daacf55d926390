import { inject, Injectable } from '@angular/core';
import { MatDialog } from '@angular/material/dialog';
import type { LicenceDialogData } from './licence-dialog';

/** Opens the licence of a plugin from anywhere; the dialog's code is loaded when it is first wanted. */
@Injectable({ providedIn: 'root' })
export class LicenceDialogService {
  private readonly dialog = inject(MatDialog);

  async open({ id, name, version }: { id: string; name: string; version: string | null }): Promise<void> {
    const { LicenceDialog } = await import('./licence-dialog');
    const data: LicenceDialogData = { id, name, version };
    this.dialog.open(LicenceDialog, {
      ...{ data, panelClass: 'toru-dialog-panel', autoFocus: 'dialog', restoreFocus: true },
    });
  }
}
