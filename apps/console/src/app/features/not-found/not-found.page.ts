import { ChangeDetectionStrategy, Component } from '@angular/core';
import { MatButton } from '@angular/material/button';
import { RouterLink } from '@angular/router';
import { Notice } from '../../shared/notice/notice';

@Component({
  selector: 'toru-not-found-page',
  imports: [MatButton, Notice, RouterLink],
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <toru-notice [level]="1" icon="lost" heading="There is no such page">
      The address may be mistyped, or what it led to is gone.
      <a mat-flat-button routerLink="/plugins">Go to the Plugin Manager</a>
    </toru-notice>
  `,
})
export class NotFoundPage {}
