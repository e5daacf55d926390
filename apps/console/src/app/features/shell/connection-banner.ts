import { ChangeDetectionStrategy, Component, computed, inject } from '@angular/core';
import { MatButton } from '@angular/material/button';
import { MatIcon } from '@angular/material/icon';
import { PluginsStore } from '../../core/plugins/plugins.store';

/** One quiet line while the host does not answer, or only with errors; what is shown below it may be out of date. */
@Component({
  selector: 'toru-connection-banner',
  imports: [MatButton, MatIcon],
  changeDetection: ChangeDetectionStrategy.OnPush,
  host: { role: 'status' },
  template: `
    <mat-icon svgIcon="disconnected" aria-hidden="true" />
    <span>{{ text() }}</span>
    <button mat-button (click)="store.refresh()">Try now</button>
  `,
  styles: `
    :host {
      display: flex;
      align-items: center;
      gap: 12px;
      margin: 4px 32px 8px 20px;
      padding: 6px 8px 6px 16px;
      border-radius: 12px;
      background: var(--toru-warn-container);
      color: var(--toru-on-warn-container);
    }
    mat-icon {
      flex: none;
      width: 20px;
      height: 20px;
    }
    span {
      flex: 1;
      min-width: 0;
      overflow-wrap: anywhere;
    }
    button {
      --mat-button-text-label-text-color: currentColor;
      flex: none;
    }
    @media (max-width: 900px) {
      :host {
        margin-inline: 16px;
      }
    }
  `,
})
export class ConnectionBanner {
  protected readonly store = inject(PluginsStore);
  protected readonly text = computed(() => {
    const error = this.store.error();
    const what = error === null || error.status === 0 ? 'Connection lost.' : error.detail;
    return `${what} What you see may be out of date; trying again by itself.`;
  });
}
