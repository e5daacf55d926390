import {
  afterNextRender,
  ChangeDetectionStrategy,
  Component,
  computed,
  effect,
  ElementRef,
  inject,
  Injector,
  input,
  output,
  signal,
  untracked,
} from '@angular/core';
import { toObservable, toSignal } from '@angular/core/rxjs-interop';
import { MatButton } from '@angular/material/button';
import { MatProgressBar } from '@angular/material/progress-bar';
import { RouterLink } from '@angular/router';
import { map, of, startWith, switchMap } from 'rxjs';
import { toApiError } from '../../core/api/api-error';
import type { PluginSummary, SettingsOutcome } from '../../core/api/types';
import { ToastService } from '../../core/notifications/toast.service';
import { PluginsStore } from '../../core/plugins/plugins.store';
import { FormError } from '../../shared/auth-card/form-error';
import { PluginIcon } from '../../shared/plugin-icon/plugin-icon';
import { StatusChip } from '../../shared/status/status-chip';
import { Strip } from '../../shared/strip/strip';
import { SettingField } from './setting-field';
import { SettingForm } from './setting-form';
import { SettingsSectionStore } from './settings-section.store';

/** What became of a saved change, after the plugin's name. */
const APPLIED: Readonly<Record<SettingsOutcome, string>> = {
  live: 'works with them already.',
  restart_required: 'takes its settings when it starts: restart it to use them.',
  next_start: 'gets them when it starts.',
  started: 'had refused to run, and is being started again.',
};

/** The settings of one plugin: a form made from what it declares, saved on its own (MGR-5). */
@Component({
  selector: 'toru-settings-section',
  imports: [FormError, MatButton, MatProgressBar, PluginIcon, RouterLink, SettingField, StatusChip, Strip],
  providers: [SettingsSectionStore],
  changeDetection: ChangeDetectionStrategy.OnPush,
  templateUrl: './settings-section.html',
  styleUrl: './settings-section.scss',
})
export class SettingsSection {
  protected readonly section = inject(SettingsSectionStore);
  private readonly plugins = inject(PluginsStore);
  private readonly toasts = inject(ToastService);
  private readonly injector = inject(Injector);
  private readonly element = inject<ElementRef<HTMLElement>>(ElementRef);

  readonly plugin = input.required<PluginSummary>();
  /** There is something to show, if only what went wrong. */
  readonly loaded = output();

  protected readonly form = computed(() => {
    const data = this.section.data();
    return data === null || data.schema === null ? null : new SettingForm(data);
  });
  private readonly changes = toSignal(
    toObservable(this.form).pipe(
      switchMap((form) =>
        form === null
          ? of({})
          : form.controls.valueChanges.pipe(
              startWith(null),
              map(() => form.changes()),
            ),
      ),
    ),
    { initialValue: {} },
  );
  /** Whether something would be lost. */
  readonly dirty = computed(() => Object.keys(this.changes()).length > 0);
  protected readonly missing = computed(() => new Set(this.section.data()?.missing));
  protected readonly secretsSet = computed(() => new Set(this.section.data()?.secrets_set));
  protected readonly description = computed(() => {
    const description = this.section.data()?.schema?.['description'];
    return typeof description === 'string' ? description : null;
  });
  protected readonly headingId = computed(() => `settings-of-${this.plugin().id}`);
  protected readonly restartNeeded = signal(false);
  /** What was refused and belongs to no field. */
  protected readonly refusals = signal<readonly string[]>([]);
  protected readonly busy = computed(() => this.section.saving() || this.plugins.isBusy(this.plugin().id));

  private readonly id = computed(() => this.plugin().id);
  /** Another version of the plugin may declare other settings. */
  private readonly version = computed(() => this.plugin().version);

  constructor() {
    effect(() => {
      this.id();
      this.version();
      // what somebody is in the middle of stays: saving it tells what is no longer allowed
      if (!untracked(this.dirty)) untracked(() => void this.load());
    });
  }

  protected async load(): Promise<void> {
    this.refusals.set([]);
    await this.section.load(this.id());
    this.loaded.emit();
  }

  protected discard(): void {
    this.refusals.set([]);
    this.form()?.discard();
  }

  protected async save(): Promise<void> {
    const form = this.form();
    if (form === null || this.busy() || !this.dirty()) return;
    if (form.controls.invalid) {
      this.showProblems(form);
      return;
    }
    this.refusals.set([]);
    const applied = await this.section.save(this.changes());
    if (applied === null) {
      const error = this.section.saveError();
      this.refusals.set(form.refuse(error?.errors ?? []));
      this.showProblems(form);
      return;
    }
    this.restartNeeded.set(applied === 'restart_required');
    const restart = { label: 'Restart', run: () => void this.restart() };
    const isRestart = applied === 'restart_required';
    const message = `The settings are saved. ${this.plugin().name} ${APPLIED[applied]}`;
    this.toasts.show(message, isRestart ? 'warning' : 'success', isRestart ? restart : undefined);
  }

  protected async restart(): Promise<void> {
    const { id, name } = this.plugin();
    try {
      const { message } = await this.plugins.restart(id);
      this.restartNeeded.set(false);
      this.toasts.show(message, 'success');
    } catch (error) {
      this.toasts.show(`${name} was not restarted: ${toApiError(error).detail}`, 'error');
    }
  }

  protected time(timestamp: string): string {
    return new Date(timestamp).toLocaleString([], { dateStyle: 'medium', timeStyle: 'short' });
  }

  /** All that is wrong becomes visible, and the keyboard goes to the first of it. */
  private showProblems(form: SettingForm): void {
    form.controls.markAllAsTouched();
    const { nativeElement } = this.element;
    afterNextRender(() => nativeElement.querySelector<HTMLElement>('[aria-invalid=true]')?.focus(), {
      injector: this.injector,
    });
  }
}
