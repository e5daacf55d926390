import { ChangeDetectionStrategy, Component, computed, effect, inject, input, untracked } from '@angular/core';
import { MatButton } from '@angular/material/button';
import { MatIcon } from '@angular/material/icon';
import { MatProgressBar } from '@angular/material/progress-bar';
import { Title } from '@angular/platform-browser';
import { RouterLink } from '@angular/router';
import type { PluginEvent, PluginState } from '../../core/api/types';
import { pageTitle } from '../../core/navigation/console-title.strategy';
import { PluginsStore } from '../../core/plugins/plugins.store';
import { Notice } from '../../shared/notice/notice';
import { PluginIcon } from '../../shared/plugin-icon/plugin-icon';
import { asSentence } from '../../shared/status/as-sentence';
import { eventName } from '../../shared/status/event-name';
import { HealthDot } from '../../shared/status/health-dot';
import { stateText } from '../../shared/status/plugin-status';
import { StatusChip } from '../../shared/status/status-chip';
import { Strip } from '../../shared/strip/strip';
import { eventText } from './event-text';
import { FactList } from './fact-list';
import { aboutFacts, processFacts, shortTime } from './facts';
import { PluginActionBar } from './plugin-action-bar';
import { PluginDetailsStore } from './plugin-details.store';
import { PluginVersions } from './plugin-versions';

/** `/plugin-manager/:id`: all that there is to know about one plugin, and what can be done with it (MGR-4). */
@Component({
  selector: 'toru-plugin-details-page',
  imports: [
    FactList,
    HealthDot,
    MatButton,
    MatIcon,
    MatProgressBar,
    Notice,
    PluginActionBar,
    PluginIcon,
    PluginVersions,
    RouterLink,
    StatusChip,
    Strip,
  ],
  providers: [PluginDetailsStore],
  changeDetection: ChangeDetectionStrategy.OnPush,
  templateUrl: './plugin-details.page.html',
  styleUrl: './plugin-details.page.scss',
})
export class PluginDetailsPage {
  protected readonly store = inject(PluginDetailsStore);
  private readonly plugins = inject(PluginsStore);
  private readonly title = inject(Title);

  readonly id = input.required<string>();

  private readonly unknown = computed(() => this.store.error()?.status === 404);
  /** A host that still looks into its plugins directory may come to know it. */
  protected readonly missing = computed(() => this.unknown() && !this.plugins.reading());
  protected readonly problem = computed(() => (this.unknown() ? null : this.store.error()));
  protected readonly about = computed(() => {
    const plugin = this.store.details();
    return plugin === null ? [] : aboutFacts(plugin);
  });
  protected readonly process = computed(() => {
    const plugin = this.store.details();
    return plugin === null ? [] : processFacts(plugin, this.store.now(), this.store.arrivedAt());
  });
  /** Each change of the summary means that something happened to the plugin. */
  private readonly summary = computed(() => JSON.stringify({ ...this.plugins.find(this.id()), resources: null }));

  constructor() {
    effect(() => {
      this.summary();
      const id = this.id();
      untracked(() => void this.store.open(id));
    });
    effect(() => this.title.setTitle(pageTitle(this.store.details()?.name ?? 'Plugin')));
  }

  protected readonly sentence = asSentence;
  protected readonly time = shortTime;
  protected readonly text = eventText;

  protected isBad(state: PluginState): boolean {
    return stateText(state).tone === 'error';
  }

  protected typeName({ event_type }: PluginEvent): string {
    return eventName(event_type);
  }
}
