import { ChangeDetectionStrategy, Component, computed, effect, inject, input, signal, untracked } from '@angular/core';
import { MatButton } from '@angular/material/button';
import { MatProgressBar } from '@angular/material/progress-bar';
import { toApiError } from '../../core/api/api-error';
import { PluginsApi } from '../../core/api/plugins-api';
import type { PluginDetails, PluginVersion } from '../../core/api/types';
import { PluginsStore } from '../../core/plugins/plugins.store';
import { SessionStore } from '../../core/session/session.store';
import { PluginActions } from '../../shared/actions/plugin-actions.service';
import { ConfirmService } from '../../shared/confirm/confirm.service';
import { shortTime } from './facts';

interface Row extends PluginVersion {
  /** What the button that lets it run says. */
  readonly action: string;
}

/** The versions of a plugin that are kept, and the way back to one of them (SUP-8). */
@Component({
  selector: 'toru-plugin-versions',
  imports: [MatButton, MatProgressBar],
  changeDetection: ChangeDetectionStrategy.OnPush,
  templateUrl: './plugin-versions.html',
  styleUrl: './plugin-versions.scss',
})
export class PluginVersions {
  private readonly api = inject(PluginsApi);
  private readonly store = inject(PluginsStore);
  private readonly actions = inject(PluginActions);
  private readonly confirm = inject(ConfirmService);
  protected readonly isAdmin = inject(SessionStore).isAdmin;

  readonly plugin = input.required<PluginDetails>();

  private readonly versions = signal<readonly PluginVersion[] | null>(null);
  protected readonly problem = signal<string | null>(null);
  protected readonly busy = computed(() => this.store.isBusy(this.plugin().id));
  protected readonly loading = computed(() => this.versions() === null);
  protected readonly rows = computed((): readonly Row[] => {
    const versions = this.versions() ?? [];
    const current = versions.findIndex((version) => version.is_current);
    return versions.map((version, index) => ({
      ...version,
      // the newest comes first
      action: current >= 0 && index > current ? 'Go back to this version' : 'Use this version',
    }));
  });
  /** What a new version, or a step back, changes. */
  private readonly occasion = computed(() => {
    const { id, version, running_version, started_at, status, file_problem } = this.plugin();
    return JSON.stringify([id, version, running_version, started_at, status, file_problem]);
  });

  constructor() {
    effect(() => {
      this.occasion();
      untracked(() => void this.load());
    });
  }

  protected readonly time = shortTime;

  protected async load(): Promise<void> {
    const { id } = this.plugin();
    try {
      const { items } = await this.api.versions(id);
      if (id !== this.plugin().id) return;
      this.versions.set(items);
      this.problem.set(null);
    } catch (error) {
      this.problem.set(toApiError(error).detail);
    }
  }

  protected async choose({ version, digest, action }: Row): Promise<void> {
    const { name, enabled } = this.plugin();
    const goAhead = await this.confirm.ask({
      heading: `Use ${name} ${version}?`,
      text: `${
        enabled
          ? 'It gets ready beside the version that serves, and takes over without a gap.'
          : 'It is what runs once the plugin is enabled.'
      } It stays until the file in the plugins directory gets another content, or another version is chosen.`,
      action: action === 'Use this version' ? 'Use it' : 'Go back',
    });
    if (!goAhead) return;
    await this.actions.rollback(this.plugin(), digest);
    await this.load();
  }
}
