import { ChangeDetectionStrategy, Component, input } from '@angular/core';
import { MatIcon } from '@angular/material/icon';

/** The frame of the pages outside the shell: brand, heading, one form in the middle of the page. */
@Component({
  selector: 'toru-auth-card',
  imports: [MatIcon],
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <main>
      <section>
        <div class="brand"><mat-icon svgIcon="brand" aria-hidden="true" /> Toru Steering Center</div>
        <h1>{{ heading() }}</h1>
        @if (lead(); as lead) {
          <p class="lead">{{ lead }}</p>
        }
        <ng-content />
      </section>
    </main>
  `,
  styles: `
    main {
      display: grid;
      min-height: 100dvh;
      place-items: center;
      box-sizing: border-box;
      padding: 24px 16px;
    }
    section {
      box-sizing: border-box;
      width: 100%;
      max-width: 420px;
      padding: 36px 36px 40px;
      border: 1px solid var(--mat-sys-outline-variant);
      border-radius: 24px;
      background: var(--toru-card);
    }
    .brand {
      display: flex;
      align-items: center;
      gap: 10px;
      color: var(--mat-sys-primary);
      font: var(--mat-sys-title-small);
    }
    h1 {
      margin: 28px 0 0;
      font: var(--mat-sys-headline-medium);
    }
    .lead {
      margin: 8px 0 0;
      color: var(--mat-sys-on-surface-variant);
      line-height: 1.5;
    }
    @media (max-width: 480px) {
      main {
        place-items: start stretch;
        padding: 0;
        background: var(--toru-card);
      }
      section {
        max-width: none;
        padding: 32px 20px;
        border: 0;
        border-radius: 0;
      }
    }
  `,
})
export class AuthCard {
  readonly heading = input.required<string>();
  readonly lead = input<string | null>(null);
}
