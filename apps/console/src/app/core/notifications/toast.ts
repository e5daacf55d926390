import { ChangeDetectionStrategy, Component, computed, inject } from '@angular/core';
import { MatButton, MatIconButton } from '@angular/material/button';
import { MatIcon } from '@angular/material/icon';
import {
  MAT_SNACK_BAR_DATA,
  MatSnackBarAction,
  MatSnackBarActions,
  MatSnackBarLabel,
  MatSnackBarRef,
} from '@angular/material/snack-bar';
import type { IconName } from '../icons/icons';

export type ToastType = 'success' | 'info' | 'warning' | 'error';

export interface ToastAction {
  label: string;
  run: () => void;
}

export interface ToastData {
  message: string;
  type: ToastType;
  action?: ToastAction;
}

const ICONS: Readonly<Record<ToastType, IconName>> = {
  success: 'success',
  info: 'info',
  warning: 'warning',
  error: 'error',
};

/** What the snack bar shows: an icon for the type, the message, an optional action, and a way to close it. */
@Component({
  selector: 'toru-toast',
  imports: [MatButton, MatIconButton, MatIcon, MatSnackBarLabel, MatSnackBarActions, MatSnackBarAction],
  changeDetection: ChangeDetectionStrategy.OnPush,
  host: { '[class.has-action]': 'data.action !== undefined' },
  template: `
    <span matSnackBarLabel
      ><mat-icon [svgIcon]="icon()" aria-hidden="true" /><span>{{ data.message }}</span></span
    >
    <span matSnackBarActions>
      @if (data.action; as action) {
        <button mat-button matSnackBarAction (click)="act(action)">{{ action.label }}</button>
      }
      <button mat-icon-button matSnackBarAction aria-label="Dismiss" (click)="ref.dismiss()">
        <mat-icon svgIcon="close" />
      </button>
    </span>
  `,
  styles: `
    :host {
      display: flex;
      align-items: center;
    }
    [matSnackBarLabel] {
      flex: 1;
      display: flex;
      gap: 12px;
      align-items: flex-start;
      overflow-wrap: anywhere;
    }
    [matSnackBarLabel] mat-icon {
      flex: none;
      width: 20px;
      height: 20px;
    }
    [matSnackBarActions] {
      display: flex;
      align-items: center;
      flex: none;
    }
    /* Beside two buttons there is no room for a sentence. */
    @media (max-width: 560px) {
      :host(.has-action) {
        flex-wrap: wrap;
        padding-block-end: 8px;
      }
      :host(.has-action) [matSnackBarLabel] {
        flex-basis: 100%;
        padding-inline-end: 16px;
      }
      :host(.has-action) [matSnackBarActions] {
        margin-inline-start: auto;
      }
    }
  `,
})
export class Toast {
  protected readonly data = inject<ToastData>(MAT_SNACK_BAR_DATA);
  protected readonly ref = inject<MatSnackBarRef<Toast>>(MatSnackBarRef);
  protected readonly icon = computed(() => ICONS[this.data.type]);

  protected act(action: ToastAction): void {
    this.ref.dismissWithAction();
    action.run();
  }
}
