import { ChangeDetectionStrategy, Component, computed, inject } from '@angular/core';
import { MatButton } from '@angular/material/button';
import { PluginsStore } from '../../core/plugins/plugins.store';
import { Strip } from '../../shared/strip/strip';

/** One quiet line while the host does not answer, or only with errors; what is shown below it may be out of date. */
@Component({
  selector: 'toru-connection-banner',
  imports: [MatButton, Strip],
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <toru-strip icon="disconnected">
      {{ text() }}
      <button mat-button (click)="store.refresh()">Try now</button>
    </toru-strip>
  `,
  styles: `
    toru-strip {
      --toru-strip-icon-size: 20px;
      margin: 4px 32px 8px 20px;
    }
    @media (max-width: 900px) {
      toru-strip {
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
