import { OverlayContainer } from '@angular/cdk/overlay';
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
    nameOverlays(inject(OverlayContainer).getContainerElement());
  }
}

/** Menus and toasts are outside of all other landmarks: who goes from landmark to landmark finds them here. */
function nameOverlays(container: HTMLElement): void {
  container.setAttribute('role', 'region');
  container.setAttribute('aria-label', 'Menus and messages');
}
