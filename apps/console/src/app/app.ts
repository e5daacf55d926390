import { ChangeDetectionStrategy, Component, inject } from '@angular/core';
import { RouterOutlet } from '@angular/router';
import { ThemeService } from './core/preferences/theme.service';
import { SessionRedirects } from './core/session/session-redirects';

@Component({
  selector: 'toru-root',
  imports: [RouterOutlet],
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `<router-outlet />`,
})
export class App {
  constructor() {
    // Both work by being there: the colour scheme of the page, and the way to the sign-in page.
    inject(ThemeService);
    inject(SessionRedirects);
  }
}
