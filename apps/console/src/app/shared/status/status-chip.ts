import { ChangeDetectionStrategy, Component, computed, input } from '@angular/core';
import type { PluginState } from '../../core/api/types';
import { stateText } from './plugin-status';

/** The state of a plugin in one or two words. */
@Component({
  selector: 'toru-status-chip',
  changeDetection: ChangeDetectionStrategy.OnPush,
  host: { '[attr.data-tone]': 'text().tone' },
  template: `{{ text().label }}`,
  styles: `
    :host {
      display: inline-flex;
      align-items: center;
      height: 24px;
      padding: 0 10px;
      border-radius: 8px;
      font: var(--mat-sys-label-medium);
      white-space: nowrap;
      background: var(--mat-sys-surface-container-high);
      color: var(--mat-sys-on-surface-variant);
    }
    :host([data-tone='ok']) {
      background: var(--toru-ok-container);
      color: var(--toru-on-ok-container);
    }
    :host([data-tone='warn']) {
      background: var(--toru-warn-container);
      color: var(--toru-on-warn-container);
    }
    :host([data-tone='error']) {
      background: var(--toru-error-container);
      color: var(--toru-on-error-container);
    }
    :host([data-tone='busy']) {
      background: var(--mat-sys-secondary-container);
      color: var(--mat-sys-on-secondary-container);
    }
  `,
})
export class StatusChip {
  readonly state = input.required<PluginState>();
  protected readonly text = computed(() => stateText(this.state()));
}
