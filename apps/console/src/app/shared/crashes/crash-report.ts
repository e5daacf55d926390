import { ChangeDetectionStrategy, Component, computed, effect, inject, input, signal } from '@angular/core';
import { MatButton } from '@angular/material/button';
import { MatProgressBar } from '@angular/material/progress-bar';
import { toApiError } from '../../core/api/api-error';
import { PluginsApi } from '../../core/api/plugins-api';
import type { CrashDetails, CrashSummary } from '../../core/api/types';
import { localTime } from '../logs/log-line';

interface Fact {
  readonly name: string;
  readonly value: string;
}

/** All that is known of one crash: how it ended, what it was asked, what it said, when it had crashed before. */
@Component({
  selector: 'toru-crash-report',
  imports: [MatButton, MatProgressBar],
  changeDetection: ChangeDetectionStrategy.OnPush,
  templateUrl: './crash-report.html',
  styleUrl: './crash-report.scss',
})
export class CrashReport {
  private readonly api = inject(PluginsApi);

  readonly pluginId = input.required<string>();
  readonly crash = input.required<CrashSummary>();

  protected readonly details = signal<CrashDetails | null>(null);
  protected readonly problem = signal<string | null>(null);
  protected readonly facts = computed(() => toFacts(this.details() ?? this.crash()));
  protected readonly lastSample = computed(() => this.details()?.samples.at(-1));

  constructor() {
    effect(() => {
      this.crash();
      void this.load();
    });
  }

  protected time(timestamp: string): string {
    return localTime(timestamp).replace(/\.\d+$/, '');
  }

  protected megabytes(bytes: number): string {
    return `${Math.round(bytes / 1024 / 1024)} MB`;
  }

  protected async load(): Promise<void> {
    const { id } = this.crash();
    this.problem.set(null);
    try {
      this.details.set(await this.api.crash(this.pluginId(), id));
    } catch (error) {
      this.problem.set(toApiError(error).detail);
    }
  }
}

function toFacts(crash: CrashSummary & Partial<CrashDetails>): Fact[] {
  const ended = crash.signal ?? (crash.exit_code === null ? 'never started' : `status ${crash.exit_code}`);
  return [
    { name: 'Ended with', value: crash.ended_by_host === true ? `${ended}, by the host` : ended },
    { name: 'Ran for', value: duration(crash.uptime_ms) },
    { name: 'Version', value: crash.version ?? '–' },
    { name: 'What followed', value: crash.decision === 'disable' ? 'it was disabled' : 'it was started again' },
    ...(crash.blamed_route === null ? [] : [{ name: 'Blamed', value: crash.blamed_route }]),
  ];
}

function duration(ms: number): string {
  if (ms < 10_000) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 120) return `${seconds} s`;
  return seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`;
}
