import { DOCUMENT } from '@angular/common';
import { ChangeDetectionStrategy, Component, inject } from '@angular/core';
import { MatButton } from '@angular/material/button';
import { Notice } from '../../shared/notice/notice';

/** Shown in the place of the page that was asked for: its address stays, so trying again reloads that page. */
@Component({
  selector: 'toru-unreachable-page',
  imports: [MatButton, Notice],
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <main>
      <toru-notice [level]="1" icon="disconnected" tone="error" heading="The host cannot be reached">
        Check that it is running and that this machine is connected, then try again.
        <button mat-flat-button (click)="reload()">Try again</button>
      </toru-notice>
    </main>
  `,
  styles: `
    main {
      display: grid;
      min-height: 100dvh;
      place-items: center;
    }
  `,
})
export class UnreachablePage {
  private readonly window = inject(DOCUMENT).defaultView;

  protected reload(): void {
    this.window?.location.reload();
  }
}
