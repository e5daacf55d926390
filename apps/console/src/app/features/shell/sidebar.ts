import { ChangeDetectionStrategy, Component, inject, output } from '@angular/core';
import { MatIcon } from '@angular/material/icon';
import { MatListItem, MatListItemIcon, MatListItemMeta, MatListItemTitle, MatNavList } from '@angular/material/list';
import { isActive, Router, RouterLink, RouterLinkActive } from '@angular/router';
import { PluginsStore } from '../../core/plugins/plugins.store';
import { SessionStore } from '../../core/session/session.store';
import { PluginIcon } from '../../shared/plugin-icon/plugin-icon';
import { HealthDot } from '../../shared/status/health-dot';

/** The Plugin Manager and every enabled plugin with its health (NAV-1). */
@Component({
  selector: 'toru-sidebar',
  imports: [
    HealthDot,
    MatIcon,
    MatListItem,
    MatListItemIcon,
    MatListItemMeta,
    MatListItemTitle,
    MatNavList,
    PluginIcon,
    RouterLink,
    RouterLinkActive,
  ],
  changeDetection: ChangeDetectionStrategy.OnPush,
  templateUrl: './sidebar.html',
  styleUrl: './sidebar.scss',
})
export class Sidebar {
  protected readonly store = inject(PluginsStore);
  protected readonly isAdmin = inject(SessionStore).isAdmin;
  /** The details of a plugin belong to the Plugin Manager. */
  protected readonly details = isActive('/plugin-manager', inject(Router), { paths: 'subset' });
  /** A link was followed, also to the page that is shown already. */
  readonly followed = output();
}
