import { ChangeDetectionStrategy, Component, computed, input, signal } from '@angular/core';
import { toObservable, toSignal } from '@angular/core/rxjs-interop';
import { MatButton, MatIconButton } from '@angular/material/button';
import { MatFormField, MatLabel, MatSuffix } from '@angular/material/form-field';
import { MatIcon } from '@angular/material/icon';
import { MatInput } from '@angular/material/input';
import { startWith, switchMap } from 'rxjs';
import type { SecretDraft, Setting } from './setting';
import { hintOf } from './setting';
import { isSecret, KEEP } from './setting-draft';
import type { DraftControl } from './setting-form';

/** A secret: whether it has a value, never which; it can be replaced and cleared. */
@Component({
  selector: 'toru-secret-field',
  imports: [MatButton, MatFormField, MatIcon, MatIconButton, MatInput, MatLabel, MatSuffix],
  changeDetection: ChangeDetectionStrategy.OnPush,
  templateUrl: './secret-field.html',
  styleUrl: './secret-field.scss',
})
export class SecretField {
  readonly setting = input.required<Setting>();
  readonly control = input.required<DraftControl>();
  readonly isSet = input(false);
  readonly missing = input(false);
  readonly problem = input<string | null>(null);

  private readonly value = toSignal(
    toObservable(this.control).pipe(switchMap((control) => control.valueChanges.pipe(startWith(control.value)))),
    { initialValue: KEEP },
  );
  protected readonly draft = computed((): SecretDraft => {
    const value = this.value();
    return isSecret(value) ? value : KEEP;
  });
  protected readonly text = computed(() => {
    const draft = this.draft();
    return draft.action === 'replace' ? draft.text : '';
  });
  protected readonly hint = computed(() => hintOf(this.setting()));
  protected readonly shown = signal(false);

  protected replace(text = ''): void {
    this.set({ action: 'replace', text });
  }

  protected clear(): void {
    this.set({ action: 'clear' });
  }

  protected keep(): void {
    this.shown.set(false);
    this.set(KEEP);
  }

  private set(draft: SecretDraft): void {
    this.control().setValue(draft);
    this.control().markAsDirty();
  }
}
