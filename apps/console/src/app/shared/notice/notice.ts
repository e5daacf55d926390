import { ChangeDetectionStrategy, Component, input } from '@angular/core';
import { MatIcon } from '@angular/material/icon';
import type { IconName } from '../../core/icons/icons';

/** What stands in the place of content: nothing there yet, something went wrong, not found. Buttons are projected. */
@Component({
  selector: 'toru-notice',
  imports: [MatIcon],
  changeDetection: ChangeDetectionStrategy.OnPush,
  host: { '[attr.role]': `tone() === 'error' ? 'alert' : null`, '[attr.data-tone]': 'tone()' },
  template: `
    <span class="icon" aria-hidden="true"><mat-icon [svgIcon]="icon()" /></span>
    @if (level() === 1) {
      <h1>{{ heading() }}</h1>
    } @else {
      <h2>{{ heading() }}</h2>
    }
    <div class="text"><ng-content /></div>
    <div class="actions"><ng-content select="button, a" /></div>
  `,
  styles: `
    :host {
      display: flex;
      flex-direction: column;
      align-items: center;
      max-width: 520px;
      margin: 0 auto;
      padding: 48px 24px;
      text-align: center;
    }
    .icon {
      display: grid;
      place-items: center;
      width: 64px;
      height: 64px;
      border-radius: 50%;
      background: var(--mat-sys-surface-container-high);
      color: var(--mat-sys-on-surface-variant);
    }
    :host([data-tone='error']) .icon {
      background: var(--toru-error-container);
      color: var(--toru-on-error-container);
    }
    .icon mat-icon {
      width: 32px;
      height: 32px;
    }
    h1,
    h2 {
      margin: 20px 0 8px;
      font: var(--mat-sys-title-large);
    }
    .text {
      color: var(--mat-sys-on-surface-variant);
      font: var(--mat-sys-body-medium);
      line-height: 1.5;
      overflow-wrap: anywhere;
    }
    .actions {
      display: flex;
      flex-wrap: wrap;
      justify-content: center;
      gap: 8px;
      margin-top: 24px;
    }
    .actions:empty {
      display: none;
    }
  `,
})
export class Notice {
  readonly icon = input.required<IconName>();
  readonly heading = input.required<string>();
  /** 1 where the notice is the whole page. */
  readonly level = input<1 | 2>(2);
  readonly tone = input<'neutral' | 'error'>('neutral');
}
