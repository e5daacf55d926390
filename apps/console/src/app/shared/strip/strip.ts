import { ChangeDetectionStrategy, Component, input } from '@angular/core';
import { MatIcon } from '@angular/material/icon';
import type { IconName } from '../../core/icons/icons';

/**
 * One line above content that is there nevertheless: what is wrong with it at the moment. A button is projected. Where it
 * stands may set `--toru-strip-icon-size`, and `--toru-strip-text-basis` where it lets the button wrap.
 */
@Component({
  selector: 'toru-strip',
  imports: [MatIcon],
  changeDetection: ChangeDetectionStrategy.OnPush,
  host: { role: 'status' },
  template: `
    <mat-icon [svgIcon]="icon()" aria-hidden="true" />
    <div><ng-content /></div>
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
      --mat-icon-button-icon-color: currentColor;
    }
    mat-icon {
      flex: none;
      width: var(--toru-strip-icon-size, 24px);
      height: var(--toru-strip-icon-size, 24px);
    }
    div {
      flex: 1 1 var(--toru-strip-text-basis, 0%);
      min-width: 0;
      overflow-wrap: anywhere;
    }
  `,
})
export class Strip {
  readonly icon = input<IconName>('warning');
}
