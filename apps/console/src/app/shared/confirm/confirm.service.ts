import { inject, Injectable } from '@angular/core';
import { MatDialog } from '@angular/material/dialog';
import { firstValueFrom } from 'rxjs';
import type { ConfirmDialogData } from './confirm-dialog';
import { ConfirmDialog } from './confirm-dialog';

/** Asks "are you sure?" from anywhere. */
@Injectable({ providedIn: 'root' })
export class ConfirmService {
  private readonly dialog = inject(MatDialog);

  /** Resolves with whether to go ahead. */
  async ask(question: ConfirmDialogData): Promise<boolean> {
    const open = this.dialog.open<ConfirmDialog, ConfirmDialogData, boolean>(ConfirmDialog, {
      data: question,
      width: '460px',
      role: 'alertdialog',
      restoreFocus: true,
    });
    return (await firstValueFrom(open.afterClosed(), { defaultValue: false })) === true;
  }
}
