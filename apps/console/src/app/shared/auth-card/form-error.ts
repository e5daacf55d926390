import { ChangeDetectionStrategy, Component } from '@angular/core';
import { MatIcon } from '@angular/material/icon';

/** Why the server refused a form; announced when it appears. */
@Component({
  selector: 'toru-form-error',
  imports: [MatIcon],
  changeDetection: ChangeDetectionStrategy.OnPush,
  host: { role: 'alert' },
  template: `<mat-icon svgIcon="error" aria-hidden="true" /><span><ng-content /></span>`,
  styles: `
    :host {
      display: flex;
      gap: 12px;
      align-items: flex-start;
      padding: 12px 16px;
      border-radius: 12px;
      background: var(--toru-error-container);
      color: var(--toru-on-error-container);
      overflow-wrap: anywhere;
    }
    mat-icon {
      flex: none;
      width: 20px;
      height: 20px;
    }
  `,
})
export class FormError {}
