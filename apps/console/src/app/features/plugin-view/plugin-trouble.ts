import { DOCUMENT } from '@angular/common';
import {
  ChangeDetectionStrategy,
  Component,
  computed,
  DestroyRef,
  effect,
  inject,
  input,
  signal,
  untracked,
} from '@angular/core';
import { MatButton } from '@angular/material/button';
import { MatIcon } from '@angular/material/icon';
import { RouterLink } from '@angular/router';
import { PluginsApi } from '../../core/api/plugins-api';
import type { PluginDetails, PluginSummary } from '../../core/api/types';
import { SessionStore } from '../../core/session/session.store';
import { CrashesDialogService } from '../../shared/crashes/crashes-dialog.service';
import { localTime } from '../../shared/logs/log-line';
import { LogViewer } from '../../shared/logs/log-viewer';
import { LicenceDialogService } from '../../shared/licence/licence-dialog.service';
import { asSentence } from '../../shared/status/as-sentence';
import { eventName } from '../../shared/status/event-name';
import { stateText } from '../../shared/status/plugin-status';
import { StatusChip } from '../../shared/status/status-chip';

/** How often the details are asked for again while the page is seen (ms). */
const REFRESH_MS = 3_000;
const SHOWN_EVENTS = 5;

/** What is wrong with a plugin that should run and does not: state, reason, next try, events, logs (NAV-2). */
@Component({
  selector: 'toru-plugin-trouble',
  imports: [LogViewer, MatButton, MatIcon, RouterLink, StatusChip],
  changeDetection: ChangeDetectionStrategy.OnPush,
  templateUrl: './plugin-trouble.html',
  styleUrl: './plugin-trouble.scss',
})
export class PluginTrouble {
  private readonly api = inject(PluginsApi);
  private readonly crashes = inject(CrashesDialogService);
  protected readonly licences = inject(LicenceDialogService);
  protected readonly isAdmin = inject(SessionStore).isAdmin;

  readonly plugin = input.required<PluginSummary>();

  protected readonly details = signal<PluginDetails | null>(null);
  private readonly now = signal(Date.now());
  protected readonly explanation = computed(() => stateText(this.plugin().status).explanation);
  protected readonly events = computed(() => this.details()?.recent_events.slice(0, SHOWN_EVENTS) ?? []);
  protected readonly nextRetry = computed(() => {
    const at = this.details()?.next_retry_at ?? null;
    if (at === null || this.plugin().status !== 'backoff') return null;
    const seconds = Math.ceil((Date.parse(at) - this.now()) / 1_000);
    return seconds > 0 ? `in ${seconds} s` : 'now';
  });

  constructor() {
    // Each change of the summary means that something happened to the plugin.
    effect(() => {
      this.plugin();
      untracked(() => void this.load());
    });
    const clock = setInterval(() => this.now.set(Date.now()), 1_000);
    const document = inject(DOCUMENT);
    const refresh = setInterval(() => {
      if (document.visibilityState !== 'hidden') void this.load();
    }, REFRESH_MS);
    inject(DestroyRef).onDestroy(() => {
      clearInterval(clock);
      clearInterval(refresh);
    });
  }

  protected readonly sentence = asSentence;
  protected readonly eventName = eventName;

  protected time(timestamp: string): string {
    return localTime(timestamp, new Date(this.now())).replace(/\.\d+$/, '');
  }

  protected openCrashes(): void {
    void this.crashes.open(this.plugin());
  }

  private async load(): Promise<void> {
    const { id } = this.plugin();
    // The summary already says the most important; a lost request changes nothing about that.
    const details = await this.api.details(id).catch(() => null);
    if (details && id === this.plugin().id) this.details.set(details);
  }
}
