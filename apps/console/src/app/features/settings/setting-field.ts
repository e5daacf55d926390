import { ChangeDetectionStrategy, Component, computed, input } from '@angular/core';
import { toObservable, toSignal } from '@angular/core/rxjs-interop';
import { ReactiveFormsModule } from '@angular/forms';
import { MatIconButton } from '@angular/material/button';
import { MatError, MatFormField, MatHint, MatLabel, MatSuffix } from '@angular/material/form-field';
import { MatIcon } from '@angular/material/icon';
import { MatInput } from '@angular/material/input';
import { MatOption, MatSelect } from '@angular/material/select';
import { MatSlideToggle } from '@angular/material/slide-toggle';
import { MatTooltip } from '@angular/material/tooltip';
import { map, startWith, switchMap } from 'rxjs';
import { SecretField } from './secret-field';
import type { Setting } from './setting';
import { hintOf } from './setting';
import { isAtDefault, toDraft } from './setting-draft';
import type { DraftControl } from './setting-form';

/** What fits into a field on a phone of 320 pixels, in characters; a longer label stands above its field, where it wraps. */
const LONGEST_LABEL_INSIDE = 24;

/** One setting: the field for its kind, what it is for or what is wrong with it, and the way back to its default. */
@Component({
  selector: 'toru-setting-field',
  imports: [
    MatError,
    MatFormField,
    MatHint,
    MatIcon,
    MatIconButton,
    MatInput,
    MatLabel,
    MatOption,
    MatSelect,
    MatSlideToggle,
    MatSuffix,
    MatTooltip,
    ReactiveFormsModule,
    SecretField,
  ],
  changeDetection: ChangeDetectionStrategy.OnPush,
  templateUrl: './setting-field.html',
  styleUrl: './setting-field.scss',
})
export class SettingField {
  readonly setting = input.required<Setting>();
  readonly control = input.required<DraftControl>();
  /** It is required and has no value: the plugin may not work without. */
  readonly missing = input(false);
  /** A secret that has a value. */
  readonly isSet = input(false);

  private readonly change = toSignal(
    toObservable(this.control).pipe(
      switchMap((control) =>
        control.events.pipe(
          startWith(null),
          map(() => ({})),
        ),
      ),
    ),
  );
  protected readonly problem = computed(() => {
    this.change();
    const problem: unknown = this.control().errors?.['problem'];
    return typeof problem === 'string' ? problem : null;
  });
  protected readonly canReset = computed(() => {
    this.change();
    return this.setting().kind !== 'secret' && !isAtDefault(this.setting(), this.control().value);
  });
  protected readonly hint = computed(() => hintOf(this.setting()));
  protected readonly hintId = computed(() => `hint-${this.setting().name}-${this.uid}`);
  protected readonly isLong = computed(() => this.setting().label.length > LONGEST_LABEL_INSIDE);
  protected readonly labelId = computed(() => `label-${this.setting().name}-${this.uid}`);
  /** Null where the field has its label itself. */
  protected readonly aboveId = computed(() => (this.isLong() ? this.labelId() : null));
  protected readonly resetLabel = computed(() => {
    const { label, fallback } = this.setting();
    return fallback === undefined ? `Clear ${label}` : `Reset ${label} to its default`;
  });
  protected readonly resetTip = computed(() => (this.setting().fallback === undefined ? 'Clear' : 'Use the default'));
  protected readonly resetIcon = computed(() => (this.setting().fallback === undefined ? 'close' : 'reset'));
  private readonly uid = nextUid++;

  protected reset(): void {
    const setting = this.setting();
    this.control().setValue(toDraft(setting, setting.fallback));
    this.control().markAsDirty();
  }

  protected nameOf(choice: string | number | boolean): string {
    if (typeof choice !== 'boolean') return String(choice);
    return choice ? 'On' : 'Off';
  }
}

let nextUid = 0;
