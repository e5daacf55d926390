import { ChangeDetectionStrategy, Component, inject } from '@angular/core';
import { MatIconButton } from '@angular/material/button';
import { MatDivider } from '@angular/material/divider';
import { MatIcon } from '@angular/material/icon';
import { MatMenu, MatMenuItem, MatMenuTrigger } from '@angular/material/menu';
import { MatTooltip } from '@angular/material/tooltip';
import { Router, RouterLink } from '@angular/router';
import { toApiError } from '../../core/api/api-error';
import { ToastService } from '../../core/notifications/toast.service';
import { CHANGE_PASSWORD_PATH, SIGN_IN_PATH } from '../../core/session/auth.guard';
import { SessionStore } from '../../core/session/session.store';

@Component({
  selector: 'toru-user-menu',
  imports: [MatIconButton, MatDivider, MatIcon, MatMenu, MatMenuItem, MatMenuTrigger, MatTooltip, RouterLink],
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <button
      mat-icon-button
      [matMenuTriggerFor]="menu"
      [attr.aria-label]="'Account of ' + session.user()?.name"
      matTooltip="Account"
    >
      <mat-icon svgIcon="account" />
    </button>
    <mat-menu #menu="matMenu" xPosition="before">
      @if (session.user(); as user) {
        <div class="who">
          <strong>{{ user.name }}</strong>
          <span>{{ user.role === 'admin' ? 'Administrator' : 'Viewer' }}</span>
        </div>
        <mat-divider />
      }
      <a mat-menu-item [routerLink]="changePasswordPath" [queryParams]="{ return: here() }">
        <mat-icon svgIcon="password" /> Change password
      </a>
      <button mat-menu-item (click)="signOut()"><mat-icon svgIcon="signOut" /> Sign out</button>
    </mat-menu>
  `,
  styles: `
    :host {
      display: flex;
    }
    .who {
      display: flex;
      flex-direction: column;
      padding: 8px 16px 12px;
    }
    .who strong {
      font: var(--mat-sys-title-small);
      overflow-wrap: anywhere;
    }
    .who span {
      color: var(--mat-sys-on-surface-variant);
      font: var(--mat-sys-body-small);
    }
  `,
})
export class UserMenu {
  private readonly router = inject(Router);
  private readonly toasts = inject(ToastService);
  protected readonly session = inject(SessionStore);
  protected readonly changePasswordPath = CHANGE_PASSWORD_PATH;

  protected here(): string {
    return this.router.url;
  }

  protected async signOut(): Promise<void> {
    try {
      await this.session.signOut();
      await this.router.navigateByUrl(SIGN_IN_PATH);
    } catch (error) {
      this.toasts.show(`You are still signed in: ${toApiError(error).detail}`, 'error');
    }
  }
}
