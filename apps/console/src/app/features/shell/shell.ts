import { BreakpointObserver } from '@angular/cdk/layout';
import { A11yModule } from '@angular/cdk/a11y';
import type { ElementRef } from '@angular/core';
import { ChangeDetectionStrategy, Component, DestroyRef, inject, signal, viewChild } from '@angular/core';
import { takeUntilDestroyed, toSignal } from '@angular/core/rxjs-interop';
import { MatIconButton } from '@angular/material/button';
import { MatIcon } from '@angular/material/icon';
import { MatSidenav, MatSidenavContainer, MatSidenavContent } from '@angular/material/sidenav';
import { MatToolbar } from '@angular/material/toolbar';
import { NavigationEnd, Router, RouterLink, RouterOutlet } from '@angular/router';
import { filter, map, pairwise } from 'rxjs';
import { InstanceApi } from '../../core/api/instance-api';
import type { InstanceInfo } from '../../core/api/types';
import { PluginsStore } from '../../core/plugins/plugins.store';
import { SessionStore } from '../../core/session/session.store';
import { ConnectionBanner } from './connection-banner';
import { InstanceId } from './instance-id';
import { LicenceBanner } from './licence-banner';
import { Sidebar } from './sidebar';
import { ThemeMenu } from './theme-menu';
import { UserMenu } from './user-menu';

/** Below this width the sidebar is a drawer. */
const NARROW = '(max-width: 900px)';

/** The frame around every page of a signed-in person. */
@Component({
  selector: 'toru-shell',
  imports: [
    A11yModule,
    ConnectionBanner,
    InstanceId,
    LicenceBanner,
    MatIcon,
    MatIconButton,
    MatSidenav,
    MatSidenavContainer,
    MatSidenavContent,
    MatToolbar,
    RouterLink,
    RouterOutlet,
    Sidebar,
    ThemeMenu,
    UserMenu,
  ],
  changeDetection: ChangeDetectionStrategy.OnPush,
  templateUrl: './shell.html',
  styleUrl: './shell.scss',
})
export class Shell {
  protected readonly store = inject(PluginsStore);
  protected readonly session = inject(SessionStore);
  private readonly main = viewChild.required<ElementRef<HTMLElement>>('main');
  private readonly sidenav = viewChild.required(MatSidenav);

  protected readonly narrow = toSignal(
    inject(BreakpointObserver)
      .observe(NARROW)
      .pipe(map((state) => state.matches)),
    { initialValue: false },
  );
  protected readonly instance = signal<InstanceInfo | null>(null);

  constructor() {
    inject(DestroyRef).onDestroy(this.store.watch());
    void this.loadInstance(inject(InstanceApi));
    inject(Router)
      .events.pipe(
        filter((event) => event instanceof NavigationEnd),
        map((event) => event.urlAfterRedirects.split(/[?#]/)[0]),
        pairwise(),
        takeUntilDestroyed(),
      )
      .subscribe(([before, now]) => {
        if (before !== now) this.onPageChange();
      });
  }

  protected focusMain(event: Event): void {
    event.preventDefault();
    this.main().nativeElement.focus();
  }

  /** A new page: close the drawer, and let keyboard and screen reader start at its top. */
  private onPageChange(): void {
    if (this.narrow()) void this.sidenav().close();
    this.main().nativeElement.focus({ preventScroll: true });
  }

  private async loadInstance(api: InstanceApi): Promise<void> {
    // Decoration: without it the toolbar simply names no instance.
    this.instance.set(await api.info().catch(() => null));
  }
}
