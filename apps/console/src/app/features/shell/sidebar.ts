import { ChangeDetectionStrategy, Component, inject, output } from '@angular/core';
import { MatIcon } from '@angular/material/icon';
import { MatListItem, MatListItemIcon, MatListItemMeta, MatListItemTitle, MatNavList } from '@angular/material/list';
import { RouterLink, RouterLinkActive } from '@angular/router';
import { PluginsStore } from '../../core/plugins/plugins.store';
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
  /** A link was followed, also to the page that is shown already. */
  readonly followed = output();
}
