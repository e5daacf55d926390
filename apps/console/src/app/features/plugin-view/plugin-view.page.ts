import { ChangeDetectionStrategy, Component, computed, effect, inject, input, linkedSignal } from '@angular/core';
import { MatButton } from '@angular/material/button';
import { MatProgressBar } from '@angular/material/progress-bar';
import { Title } from '@angular/platform-browser';
import { RouterLink } from '@angular/router';
import type { PluginState, PluginSummary } from '../../core/api/types';
import { pageTitle } from '../../core/navigation/console-title.strategy';
import { PluginsStore } from '../../core/plugins/plugins.store';
import { LogsDialogService } from '../../shared/logs/logs-dialog.service';
import { Notice } from '../../shared/notice/notice';
import { Strip } from '../../shared/strip/strip';
import { asSentence } from '../../shared/status/as-sentence';
import { PluginFrame } from './plugin-frame';
import { PluginTrouble } from './plugin-trouble';

type View = 'missing' | 'idle' | 'waiting' | 'trouble' | 'page';

const VIEWS: Readonly<Record<PluginState, View>> = {
  invalid: 'idle',
  disabled: 'idle',
  starting: 'waiting',
  stopping: 'waiting',
  running: 'page',
  unhealthy: 'trouble',
  backoff: 'trouble',
  failed: 'trouble',
};

/** `/plugins/:id/**`: the plugin's own page while it runs, otherwise what there is to know about it. */
@Component({
  selector: 'toru-plugin-view-page',
  imports: [MatButton, MatProgressBar, Notice, PluginFrame, PluginTrouble, RouterLink, Strip],
  changeDetection: ChangeDetectionStrategy.OnPush,
  templateUrl: './plugin-view.page.html',
  styleUrl: './plugin-view.page.scss',
})
export class PluginViewPage {
  protected readonly store = inject(PluginsStore);
  private readonly logs = inject(LogsDialogService);
  private readonly title = inject(Title);

  readonly id = input.required<string>();

  protected readonly plugin = computed(() => this.store.plugins().find((plugin) => plugin.id === this.id()));
  protected readonly view = linkedSignal<PluginSummary | undefined, View>({
    source: this.plugin,
    computation: (plugin, previous) => {
      if (!plugin) return 'missing';
      // Somebody may be in the middle of something on the page: a missed health check does not take it away.
      const stays =
        plugin.status === 'unhealthy' &&
        previous?.source !== undefined &&
        previous.source.id === plugin.id &&
        previous.value === 'page';
      return stays ? 'page' : VIEWS[plugin.status];
    },
  });
  /** A page lives as long as the same version of the same plugin runs. */
  protected readonly frames = computed(() => [{ key: `${this.plugin()?.id}@${this.plugin()?.version}` }]);

  constructor() {
    effect(() => this.title.setTitle(pageTitle(this.plugin()?.name ?? 'Plugin')));
  }

  protected readonly sentence = asSentence;

  protected openLogs(plugin: PluginSummary): void {
    void this.logs.open(plugin, plugin.status === 'invalid' ? 'supervisor' : 'plugin');
  }
}
