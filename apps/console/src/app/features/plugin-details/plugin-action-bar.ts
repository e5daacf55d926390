import { ChangeDetectionStrategy, Component, computed, inject, input } from '@angular/core';
import { MatButton } from '@angular/material/button';
import { MatIcon } from '@angular/material/icon';
import { RouterLink } from '@angular/router';
import type { PluginSummary } from '../../core/api/types';
import { PluginsStore } from '../../core/plugins/plugins.store';
import { SessionStore } from '../../core/session/session.store';
import { PluginActions } from '../../shared/actions/plugin-actions.service';
import { CrashesDialogService } from '../../shared/crashes/crashes-dialog.service';
import { LicenceDialogService } from '../../shared/licence/licence-dialog.service';
import { LogsDialogService } from '../../shared/logs/logs-dialog.service';
import { LimitsDialogService } from './limits/limits-dialog.service';

/** What can be done with one plugin, and where to read on; viewers get what they may look at. */
@Component({
  selector: 'toru-plugin-action-bar',
  imports: [MatButton, MatIcon, RouterLink],
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    @let each = plugin();
    @if (isAdmin() && isValid()) {
      @if (each.enabled) {
        <button mat-stroked-button [disabled]="busy()" disabledInteractive (click)="actions.disable(each)">
          <mat-icon svgIcon="unplugged" />Disable
        </button>
        <button mat-stroked-button [disabled]="busy()" disabledInteractive (click)="actions.restart(each)">
          <mat-icon svgIcon="restart" />Restart
        </button>
      } @else {
        <button mat-flat-button [disabled]="busy()" disabledInteractive (click)="actions.enable(each)">
          <mat-icon svgIcon="check" />Enable
        </button>
      }
      <button mat-stroked-button [disabled]="busy()" disabledInteractive (click)="actions.reset(each)">
        <mat-icon svgIcon="reset" />Reset
      </button>
      @if (each.refusal === 'license') {
        <button mat-flat-button (click)="licences.open(each)"><mat-icon svgIcon="licence" />Enter licence key</button>
      } @else {
        <button mat-stroked-button (click)="licences.open(each)"><mat-icon svgIcon="licence" />Licence</button>
      }
      <button mat-stroked-button (click)="limits.open(each)"><mat-icon svgIcon="limits" />Limits</button>
    }
    <button mat-stroked-button (click)="openLogs()"><mat-icon svgIcon="logs" />View logs</button>
    @if (isValid()) {
      <button mat-stroked-button (click)="crashes.open(each)"><mat-icon svgIcon="crashes" />Crashes</button>
    }
    @if (isAdmin() && each.has_settings) {
      <a mat-stroked-button routerLink="/settings" [queryParams]="{ plugin: each.id }">
        <mat-icon svgIcon="settings" />Settings
      </a>
    }
    @if (each.enabled) {
      <a mat-stroked-button [routerLink]="['/plugins', each.id]"><mat-icon svgIcon="application" />Open page</a>
    }
  `,
  styles: `
    :host {
      display: flex;
      flex-wrap: wrap;
      gap: 8px;
    }
    @media (max-width: 560px) {
      button,
      a {
        flex: 1 1 calc(50% - 4px);
        padding-inline: 12px;
        white-space: nowrap;
      }
    }
  `,
})
export class PluginActionBar {
  private readonly store = inject(PluginsStore);
  private readonly logs = inject(LogsDialogService);
  protected readonly actions = inject(PluginActions);
  protected readonly crashes = inject(CrashesDialogService);
  protected readonly limits = inject(LimitsDialogService);
  protected readonly licences = inject(LicenceDialogService);
  protected readonly isAdmin = inject(SessionStore).isAdmin;

  readonly plugin = input.required<PluginSummary>();

  protected readonly busy = computed(() => this.store.isBusy(this.plugin().id));
  protected readonly isValid = computed(() => this.plugin().status !== 'invalid');

  protected openLogs(): void {
    // What the supervisor knows about a file that never ran is all there is to read.
    void this.logs.open(this.plugin(), this.isValid() ? 'plugin' : 'supervisor');
  }
}
