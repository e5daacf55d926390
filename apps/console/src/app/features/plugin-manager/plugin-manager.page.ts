import { ChangeDetectionStrategy, Component, computed, inject } from '@angular/core';
import { MatButton, MatIconButton } from '@angular/material/button';
import { MatIcon } from '@angular/material/icon';
import { MatMenu, MatMenuItem, MatMenuTrigger } from '@angular/material/menu';
import { MatProgressBar } from '@angular/material/progress-bar';
import { MatProgressSpinner } from '@angular/material/progress-spinner';
import type { MatSlideToggleChange } from '@angular/material/slide-toggle';
import { MatSlideToggle } from '@angular/material/slide-toggle';
import { MatTableModule } from '@angular/material/table';
import { MatTooltip } from '@angular/material/tooltip';
import { RouterLink } from '@angular/router';
import type { PluginSummary } from '../../core/api/types';
import { byName, PluginsStore } from '../../core/plugins/plugins.store';
import { SessionStore } from '../../core/session/session.store';
import { PluginActions } from '../../shared/actions/plugin-actions.service';
import { CrashesDialogService } from '../../shared/crashes/crashes-dialog.service';
import { LicenceDialogService } from '../../shared/licence/licence-dialog.service';
import { LogsDialogService } from '../../shared/logs/logs-dialog.service';
import { Notice } from '../../shared/notice/notice';
import { Strip } from '../../shared/strip/strip';
import { PluginIcon } from '../../shared/plugin-icon/plugin-icon';
import { HealthDot } from '../../shared/status/health-dot';
import { asSentence } from '../../shared/status/as-sentence';
import { StatusChip } from '../../shared/status/status-chip';

/** All installed plugins, valid or not, and the switch that enables each (MGR-1, MGR-2). */
@Component({
  selector: 'toru-plugin-manager-page',
  imports: [
    HealthDot,
    MatButton,
    MatIcon,
    MatIconButton,
    MatMenu,
    MatMenuItem,
    MatMenuTrigger,
    MatProgressBar,
    MatProgressSpinner,
    MatSlideToggle,
    MatTableModule,
    MatTooltip,
    Notice,
    PluginIcon,
    RouterLink,
    StatusChip,
    Strip,
  ],
  changeDetection: ChangeDetectionStrategy.OnPush,
  templateUrl: './plugin-manager.page.html',
  styleUrl: './plugin-manager.page.scss',
})
export class PluginManagerPage {
  protected readonly store = inject(PluginsStore);
  private readonly session = inject(SessionStore);
  private readonly actions = inject(PluginActions);
  private readonly logs = inject(LogsDialogService);
  private readonly crashes = inject(CrashesDialogService);
  private readonly licences = inject(LicenceDialogService);

  protected readonly columns = ['plugin', 'version', 'status', 'health', 'file', 'enabled', 'actions'];
  protected readonly isAdmin = this.session.isAdmin;
  protected readonly rows = computed(() => [...this.store.plugins()].sort(byName));
  protected readonly summary = computed(() => {
    const count = this.rows().length;
    if (count === 0) return this.store.directoryProblem() === null ? 'None installed' : 'The list is not available';
    const running = this.rows().filter((plugin) => plugin.status === 'running').length;
    return `${count} installed, ${running} running` + (this.store.reading() ? '. Looking for more…' : '');
  });
  protected readonly sentence = asSentence;
  protected readonly skeletonRows = [0, 1, 2];

  protected byId(_index: number, plugin: PluginSummary): string {
    return plugin.id;
  }

  /** Why the switch of this row cannot be used; empty when it can. */
  protected lockReason(plugin: PluginSummary): string {
    if (!this.isAdmin()) return 'Only administrators enable and disable plugins';
    if (plugin.status === 'invalid') return 'An invalid file cannot be enabled';
    return '';
  }

  /** The switch shows what the server says and nothing else: it is set back until the server has answered. */
  protected async toggle(plugin: PluginSummary, change: MatSlideToggleChange): Promise<void> {
    const enable = change.checked;
    change.source.checked = plugin.enabled;
    if (this.store.isBusy(plugin.id)) return;
    await (enable ? this.actions.enable(plugin) : this.actions.disable(plugin));
  }

  protected async restart(plugin: PluginSummary): Promise<void> {
    await this.actions.restart(plugin);
  }

  protected async reset(plugin: PluginSummary): Promise<void> {
    await this.actions.reset(plugin);
  }

  protected openCrashes(plugin: PluginSummary): void {
    void this.crashes.open(plugin);
  }

  protected openLicence(plugin: PluginSummary): void {
    void this.licences.open(plugin);
  }

  protected openLogs(plugin: PluginSummary): void {
    // What the supervisor knows about a file that never ran is all there is to read.
    void this.logs.open(plugin, plugin.status === 'invalid' ? 'supervisor' : 'plugin');
  }
}
