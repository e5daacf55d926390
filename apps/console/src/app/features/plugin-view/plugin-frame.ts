import type { ElementRef, OnInit } from '@angular/core';
import {
  ChangeDetectionStrategy,
  Component,
  computed,
  DestroyRef,
  DOCUMENT,
  inject,
  input,
  signal,
  viewChild,
} from '@angular/core';
import { MatButton } from '@angular/material/button';
import { MatProgressBar } from '@angular/material/progress-bar';
import { RouterLink } from '@angular/router';
import { ApiError } from '../../core/api/api-error';
import type { PluginSummary } from '../../core/api/types';
import { LogsDialogService } from '../../shared/logs/logs-dialog.service';
import { Notice } from '../../shared/notice/notice';
import { BundleLoader } from './bundle-loader';
import { MountQueue } from './mount-queue';
import type { MountPhase } from './mount-session';
import { MountSession } from './mount-session';
import type { IssuedApi } from './plugin-api.factory';
import { PluginApiFactory } from './plugin-api.factory';

/** A plugin may throw anything, of any length. */
const MAX_REASON_LENGTH = 600;

/** Hosts the page of one running plugin: made when it is opened, destroyed when it is left (FE-2, FE-3). */
@Component({
  selector: 'toru-plugin-frame',
  imports: [MatButton, MatProgressBar, Notice, RouterLink],
  changeDetection: ChangeDetectionStrategy.OnPush,
  templateUrl: './plugin-frame.html',
  styleUrl: './plugin-frame.scss',
})
export class PluginFrame implements OnInit {
  private readonly loader = inject(BundleLoader);
  private readonly apis = inject(PluginApiFactory);
  private readonly queue = inject(MountQueue);
  private readonly logs = inject(LogsDialogService);
  private readonly document = inject(DOCUMENT);
  private readonly place = viewChild.required<ElementRef<HTMLElement>>('place');

  readonly plugin = input.required<PluginSummary>();

  protected readonly phase = signal<MountPhase>({ name: 'loading' });
  protected readonly failure = computed(() => {
    const phase = this.phase();
    return phase.name === 'failed' ? describe(phase.during, phase.error) : null;
  });
  private current: { session: MountSession; issued: IssuedApi } | null = null;

  constructor() {
    inject(DestroyRef).onDestroy(() => this.leave());
  }

  ngOnInit(): void {
    this.visit();
  }

  protected retry(): void {
    this.leave();
    this.visit();
  }

  protected openLogs(): void {
    void this.logs.open(this.plugin());
  }

  private visit(): void {
    const { id, route } = this.plugin();
    const container = this.document.createElement('div');
    container.className = 'toru-plugin-container';
    this.place().nativeElement.append(container);
    const issued = this.apis.issue(id, route ?? `/${id}`);
    const session = new MountSession({
      container,
      api: issued.api,
      previous: this.queue.previous(id),
      load: (signal) => this.loader.load(id, signal),
      report: (phase) => this.phase.set(phase),
    });
    this.current = { session, issued };
    void session.start();
  }

  private leave(): void {
    if (!this.current) return;
    const { session, issued } = this.current;
    this.current = null;
    issued.revoke();
    this.queue.ended(this.plugin().id, session.end());
  }
}

interface Failure {
  /** The plugin simply has no page, which is no error. */
  readonly noPage: boolean;
  readonly heading: string;
  readonly reason: string;
}

function describe(during: 'loading' | 'mounting', error: unknown): Failure {
  if (error instanceof ApiError) {
    const noPage = error.code === 'bundle_not_found';
    return { noPage, heading: 'The page could not be loaded', reason: error.detail };
  }
  const heading = during === 'loading' ? 'The page could not be loaded' : 'The page could not be opened';
  return { noPage: false, heading, reason: reasonOf(error).slice(0, MAX_REASON_LENGTH) };
}

function reasonOf(error: unknown): string {
  try {
    const text =
      error instanceof Error ? `${error.name === 'Error' ? '' : `${error.name}: `}${error.message}` : String(error);
    return text.trim() || 'The plugin gave no reason.';
  } catch {
    // A thrown object may even fail to become a string.
    return 'The plugin gave no readable reason.';
  }
}
