import { ChangeDetectionStrategy, Component, input } from '@angular/core';
import type { Fact } from './facts';

/** Names and values, side by side as far as there is room. */
@Component({
  selector: 'toru-fact-list',
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <dl>
      @for (fact of facts(); track fact.name) {
        <div>
          <dt>{{ fact.name }}</dt>
          @if (fact.href; as href) {
            <dd>
              <a [href]="href" target="_blank" rel="noopener noreferrer">{{ fact.value }}</a>
            </dd>
          } @else {
            <dd [class.code]="fact.isCode">{{ fact.value }}</dd>
          }
        </div>
      }
    </dl>
  `,
  styles: `
    dl {
      display: grid;
      grid-template-columns: repeat(auto-fill, minmax(min(var(--fact-width, 128px), 100%), 1fr));
      gap: 16px 20px;
      margin: 0;
    }
    @media (max-width: 380px) {
      dl {
        grid-template-columns: repeat(2, minmax(0, 1fr));
      }
    }
    dt {
      color: var(--mat-sys-on-surface-variant);
      font: var(--mat-sys-label-medium);
    }
    dd {
      margin: 4px 0 0;
      font: var(--mat-sys-body-large);
      font-variant-numeric: tabular-nums;
      overflow-wrap: anywhere;
    }
    dd.code {
      font: 400 13px/24px var(--toru-monospace);
    }
    a {
      display: inline-block;
      margin: -10px 0;
      padding: 10px 0;
      color: var(--mat-sys-primary);
    }
  `,
})
export class FactList {
  readonly facts = input.required<readonly Fact[]>();
}
