import { inject, Injectable } from '@angular/core';
import { MatSnackBar } from '@angular/material/snack-bar';
import type { ToastAction, ToastData, ToastType } from './toast';
import { Toast } from './toast';

/** How long a toast stays (ms). Errors stay longer: they are read, not glanced at. */
const DURATION_MS: Readonly<Record<ToastType, number>> = { success: 5_000, info: 5_000, warning: 8_000, error: 12_000 };

/** A plugin may hand over anything; a toast is a sentence, not a page. */
const MAX_MESSAGE_LENGTH = 500;

/** Short messages about what just happened. */
@Injectable({ providedIn: 'root' })
export class ToastService {
  private readonly snackBar = inject(MatSnackBar);

  show(message: string, type: ToastType = 'info', action?: ToastAction): void {
    const data: ToastData = { message: message.slice(0, MAX_MESSAGE_LENGTH), type, action };
    this.snackBar.openFromComponent(Toast, {
      data,
      duration: DURATION_MS[type],
      politeness: type === 'error' ? 'assertive' : 'polite',
      panelClass: ['toru-toast', `toru-toast-${type}`],
    });
  }
}
