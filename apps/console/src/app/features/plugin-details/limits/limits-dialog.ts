import {
  afterNextRender,
  ChangeDetectionStrategy,
  Component,
  computed,
  ElementRef,
  inject,
  Injector,
  signal,
} from '@angular/core';
import { ReactiveFormsModule } from '@angular/forms';
import { MatButton, MatIconButton } from '@angular/material/button';
import {
  MAT_DIALOG_DATA,
  MatDialogActions,
  MatDialogClose,
  MatDialogContent,
  MatDialogRef,
  MatDialogTitle,
} from '@angular/material/dialog';
import { MatError, MatFormField, MatLabel } from '@angular/material/form-field';
import { MatIcon } from '@angular/material/icon';
import { MatInput } from '@angular/material/input';
import { MatProgressBar } from '@angular/material/progress-bar';
import type { ApiError } from '../../../core/api/api-error';
import { toApiError } from '../../../core/api/api-error';
import { PluginsApi } from '../../../core/api/plugins-api';
import type { HttpLimits, PathRule, PluginLimits } from '../../../core/api/types';
import { ToastService } from '../../../core/notifications/toast.service';
import { FormError } from '../../../shared/auth-card/form-error';
import { Notice } from '../../../shared/notice/notice';
import { FactList } from '../fact-list';
import type { Fact } from '../facts';
import { LimitField, type LimitLayers } from './limit-field';
import { LIMITS, PATH_LIMITS, type LimitName, type PathLimitName } from './limit-names';
import { LimitsForm } from './limits-form';
import { formatQuantity } from './quantity';

export interface LimitsDialogData {
  readonly id: string;
  readonly name: string;
}

/** How requests to a plugin are bounded: what it proposes, what the host's settings say, and what is set here (MGR-5). */
@Component({
  selector: 'toru-limits-dialog',
  imports: [
    FactList,
    FormError,
    LimitField,
    MatButton,
    MatDialogActions,
    MatDialogClose,
    MatDialogContent,
    MatDialogTitle,
    MatError,
    MatFormField,
    MatIcon,
    MatIconButton,
    MatInput,
    MatLabel,
    MatProgressBar,
    Notice,
    ReactiveFormsModule,
  ],
  changeDetection: ChangeDetectionStrategy.OnPush,
  templateUrl: './limits-dialog.html',
  styleUrls: ['../../../shared/dialog/dialog.scss', './limits-dialog.scss'],
})
export class LimitsDialog {
  private readonly api = inject(PluginsApi);
  private readonly toasts = inject(ToastService);
  private readonly dialog = inject<MatDialogRef<LimitsDialog>>(MatDialogRef);
  private readonly injector = inject(Injector);
  private readonly element = inject<ElementRef<HTMLElement>>(ElementRef);
  protected readonly data = inject<LimitsDialogData>(MAT_DIALOG_DATA);

  protected readonly limits = LIMITS;
  protected readonly pathLimits = PATH_LIMITS;
  protected readonly loaded = signal<PluginLimits | null>(null);
  protected readonly form = computed(() => {
    const loaded = this.loaded();
    return loaded && new LimitsForm(loaded.set);
  });
  protected readonly rules = signal<LimitsForm['rules']>([]);
  /** Why they could not be loaded. */
  protected readonly problem = signal<string | null>(null);
  protected readonly saveError = signal<ApiError | null>(null);
  /** What was refused and belongs to no field. */
  protected readonly refusals = signal<readonly string[]>([]);
  protected readonly busy = signal(false);
  /** Paths for which the plugin proposes something and nobody has set anything. */
  protected readonly proposedPaths = computed(() => {
    const taken = new Set(this.rules().map(({ path }) => path.value));
    const proposed = new Set(this.loaded()?.proposed.paths?.map(({ path }) => path));
    return [...proposed].filter((path) => !taken.has(path));
  });

  constructor() {
    void this.load();
  }

  protected async load(): Promise<void> {
    this.problem.set(null);
    this.show(null, []);
    try {
      this.take(await this.api.limits(this.data.id));
    } catch (error) {
      this.problem.set(toApiError(error).detail);
    }
  }

  protected addRule(path: string): void {
    const form = this.form();
    const rule = form?.addRule(path);
    this.rules.set(form?.rules ?? []);
    if (rule !== undefined) this.focus(`#rule-${rule.key} input`);
  }

  protected removeRule(key: number): void {
    this.form()?.removeRule(key);
    this.rules.set(this.form()?.rules ?? []);
    this.focus('.add');
  }

  /** Empties all fields; nothing is sent yet. */
  protected reset(): void {
    this.form()?.clear();
    this.rules.set([]);
  }

  protected async save(): Promise<void> {
    const form = this.form();
    const loaded = this.loaded();
    if (form === null || loaded === null || this.busy()) return;
    this.show(null, []);
    if (!form.check()) {
      this.focus('[aria-invalid=true]');
      return;
    }
    this.busy.set(true);
    try {
      await this.api.setLimits(this.data.id, { limits: form.value(), if_revision: loaded.revision });
      this.toasts.show(`The limits of ${this.data.name} hold from the next request on.`, 'success');
      this.dialog.close();
    } catch (error) {
      const failure = toApiError(error);
      this.show(failure, form.refuse(failure.errors));
      this.focus('[aria-invalid=true]');
    } finally {
      this.busy.set(false);
    }
  }

  /** What each of the three says of a limit of all paths. */
  protected layers(name: LimitName): LimitLayers {
    const { proposed, host, effective } = this.loaded() ?? {};
    return { proposed: proposed?.[name], host: host?.[name], inForce: effective?.[name] };
  }

  protected pathLayers(path: string, name: PathLimitName): LimitLayers {
    const { proposed, effective } = this.loaded() ?? {};
    return { proposed: ruleOf(proposed, path)?.[name], host: undefined, inForce: ruleOf(effective, path)?.[name] };
  }

  /** What is in force at a path for which the plugin alone has a rule. */
  protected facts(path: string): readonly Fact[] {
    const rule = ruleOf(this.loaded()?.effective, path);
    return PATH_LIMITS.map(({ name, label, unit, zero }) => {
      const value = rule?.[name] ?? 0;
      return { name: label, value: value === 0 && zero !== undefined ? zero : formatQuantity(unit, value) };
    });
  }

  private take(limits: PluginLimits): void {
    this.loaded.set(limits);
    this.rules.set(this.form()?.rules ?? []);
  }

  private show(error: ApiError | null, refusals: readonly string[]): void {
    this.saveError.set(error);
    this.refusals.set(refusals);
  }

  private focus(selector: string): void {
    const { nativeElement } = this.element;
    afterNextRender(() => nativeElement.querySelector<HTMLElement>(selector)?.focus(), { injector: this.injector });
  }
}

function ruleOf(limits: HttpLimits | undefined, path: string): PathRule | undefined {
  return limits?.paths?.find((rule) => rule.path === path);
}
