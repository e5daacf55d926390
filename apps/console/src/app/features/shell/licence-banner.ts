import {
  ChangeDetectionStrategy,
  Component,
  computed,
  DestroyRef,
  effect,
  inject,
  signal,
  untracked,
} from '@angular/core';
import { MatButton, MatIconButton } from '@angular/material/button';
import { MatIcon } from '@angular/material/icon';
import { toApiError } from '../../core/api/api-error';
import type { PluginSummary } from '../../core/api/types';
import { LicencesStore } from '../../core/licences/licences.store';
import { ToastService } from '../../core/notifications/toast.service';
import { PluginsStore } from '../../core/plugins/plugins.store';
import { LicenceDialogService } from '../../shared/licence/licence-dialog.service';
import { inDays } from '../../shared/licence/licence-words';
import { localTime } from '../../shared/logs/log-line';
import { Strip } from '../../shared/strip/strip';

/** How often the licences are asked for while somebody looks (ms). */
const REFRESH_MS = 600_000;
/** More of them are counted. */
const SHOWN = 3;

interface Ending {
  readonly plugin: PluginSummary;
  readonly text: string;
}

/** For administrators: licences that end within 30 days or have ended, and a clock that was set back (LIC-5). */
@Component({
  selector: 'toru-licence-banner',
  imports: [MatButton, MatIcon, MatIconButton, Strip],
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    @if (clock(); as text) {
      <toru-strip>
        <div class="text">{{ text }}</div>
        <button mat-button (click)="acceptClock()">The clock is right</button>
      </toru-strip>
    }
    @if (endings().length > 0 && !hidden()) {
      <toru-strip icon="licence">
        <div class="text">
          @for (each of shown(); track each.plugin.id) {
            <button type="button" class="link" (click)="licences.open(each.plugin)">{{ each.text }}</button>
          }
          @if (endings().length > shown().length) {
            <span>And {{ endings().length - shown().length }} more.</span>
          }
        </div>
        <button mat-icon-button aria-label="Hide for now" (click)="hide()"><mat-icon svgIcon="close" /></button>
      </toru-strip>
    }
  `,
  styles: `
    toru-strip {
      --toru-strip-icon-size: 20px;
      margin: 4px 32px 8px 20px;
      padding-block: 4px;
    }
    .text {
      display: flex;
      flex-direction: column;
      gap: 2px;
      padding: 6px 0;
    }
    .link {
      align-self: flex-start;
      padding: 2px 0;
      border: 0;
      background: none;
      color: inherit;
      font: inherit;
      text-align: start;
      text-decoration: underline;
      text-underline-offset: 3px;
      cursor: pointer;
    }
    @media (max-width: 900px) {
      toru-strip {
        --toru-strip-text-basis: 60%;
        flex-wrap: wrap;
        margin-inline: 16px;
      }
      toru-strip > button {
        margin-inline-start: auto;
      }
      .link {
        padding: 12px 0;
      }
      .text:has(.link) {
        padding: 0;
      }
    }
  `,
})
export class LicenceBanner {
  private readonly store = inject(LicencesStore);
  private readonly plugins = inject(PluginsStore);
  private readonly toasts = inject(ToastService);
  protected readonly licences = inject(LicenceDialogService);
  /** What was hidden; another text is shown again. */
  private readonly hiddenText = signal('');

  protected readonly endings = computed((): readonly Ending[] =>
    (this.store.overview()?.items ?? []).flatMap(({ plugin: id, state, days_left }) => {
      const plugin = this.plugins.find(id);
      if (plugin === undefined || (state !== 'expiring' && state !== 'expired')) return [];
      const what = state === 'expired' ? 'has ended' : `ends ${inDays(days_left ?? 0)}`;
      return [{ plugin, text: `The licence of ${plugin.name} ${what}.` }];
    }),
  );
  protected readonly shown = computed(() => this.endings().slice(0, SHOWN));
  private readonly text = computed(() =>
    this.endings()
      .map(({ text }) => text)
      .join('\n'),
  );
  protected readonly hidden = computed(() => this.hiddenText() === this.text());
  protected readonly clock = computed(() => {
    const clock = this.store.overview()?.clock;
    if (clock?.set_back !== true) return null;
    const [now, highest] = [clock.now, clock.highest_seen].map((time) =>
      localTime(time, new Date(0)).replace(/\.\d+$/, ''),
    );
    return `The host’s clock was set back: it shows ${now}, and ${highest} was seen before. Nothing is stopped.`;
  });

  constructor() {
    const ids = computed(() =>
      this.plugins
        .plugins()
        .map(({ id, status }) => `${id} ${status === 'invalid'}`)
        .join(),
    );
    effect(() => {
      ids();
      untracked(() => void this.store.refresh());
    });
    const timer = setInterval(() => void this.store.refresh(), REFRESH_MS);
    inject(DestroyRef).onDestroy(() => {
      clearInterval(timer);
      this.store.forget();
    });
  }

  protected hide(): void {
    this.hiddenText.set(this.text());
  }

  protected async acceptClock(): Promise<void> {
    try {
      await this.store.acceptClock();
    } catch (error) {
      this.toasts.show(`It was not saved: ${toApiError(error).detail}`, 'error');
    }
  }
}
