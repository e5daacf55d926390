import { ChangeDetectionStrategy, Component, input } from '@angular/core';
import { MatIcon } from '@angular/material/icon';
import type { IconName } from '../../core/icons/icons';

/** One line above content that is there nevertheless: what is wrong with it at the moment. A button is projected. */
@Component({
  selector: 'toru-strip',
  imports: [MatIcon],
  changeDetection: ChangeDetectionStrategy.OnPush,
  host: { role: 'status' },
  template: `
    <mat-icon [svgIcon]="icon()" aria-hidden="true" />
    <span><ng-content /></span>
    <ng-content select="button" />
  `,
  styles: `
    :host {
      display: flex;
      align-items: center;
      gap: 12px;
      min-height: 48px;
      padding: 6px 8px 6px 16px;
      box-sizing: border-box;
      border-radius: 12px;
      background: var(--toru-warn-container);
      color: var(--toru-on-warn-container);
      --mat-button-text-label-text-color: currentColor;
    }
    mat-icon {
      flex: none;
    }
    span {
      flex: 1;
      min-width: 0;
      overflow-wrap: anywhere;
    }
  `,
})
export class Strip {
  readonly icon = input<IconName>('warning');
}
