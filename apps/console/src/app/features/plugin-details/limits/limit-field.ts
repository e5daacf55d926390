import { ChangeDetectionStrategy, Component, computed, input } from '@angular/core';
import { toObservable, toSignal } from '@angular/core/rxjs-interop';
import { ReactiveFormsModule, type FormControl } from '@angular/forms';
import { MatError, MatFormField, MatHint, MatLabel } from '@angular/material/form-field';
import { MatInput } from '@angular/material/input';
import { map, startWith, switchMap } from 'rxjs';
import { formatQuantity, type Unit } from './quantity';

/** What is said of a limit beside what is set; undefined where nothing is. */
export interface LimitLayers {
  readonly proposed: number | undefined;
  readonly host: number | undefined;
  /** What counts until something else is saved. */
  readonly inForce: number | undefined;
}

/** One limit: the field for what is set, what is wrong with it, and what plugin and host say. */
@Component({
  selector: 'toru-limit-field',
  imports: [MatError, MatFormField, MatHint, MatInput, MatLabel, ReactiveFormsModule],
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <mat-form-field subscriptSizing="dynamic">
      <mat-label>{{ label() }}</mat-label>
      <input
        matInput
        autocomplete="off"
        spellcheck="false"
        [formControl]="control()"
        [attr.inputmode]="unit() === 'count' ? 'numeric' : null"
      />
      <mat-hint>{{ hint() }}</mat-hint>
      <mat-error>{{ problem() }}</mat-error>
    </mat-form-field>
    <dl>
      @for (fact of facts(); track fact.name) {
        <div [class.counts]="fact.counts">
          <dt>{{ fact.name }}</dt>
          <dd>{{ fact.value }}</dd>
        </div>
      }
    </dl>
  `,
  styles: `
    :host {
      display: block;
      min-width: 0;
    }
    mat-form-field {
      width: 100%;
    }
    mat-hint,
    mat-error {
      padding-block-end: 2px;
      overflow-wrap: anywhere;
    }
    dl {
      display: flex;
      flex-wrap: wrap;
      gap: 2px 14px;
      margin: 4px 16px 0;
      color: var(--mat-sys-on-surface-variant);
      font: var(--mat-sys-body-small);
      font-variant-numeric: tabular-nums;
    }
    dl > div {
      display: flex;
      gap: 5px;
    }
    dd {
      margin: 0;
    }
    .counts {
      color: var(--mat-sys-on-surface);
      font-weight: 500;
    }
  `,
})
export class LimitField {
  readonly label = input.required<string>();
  readonly hint = input.required<string>();
  readonly unit = input.required<Unit>();
  readonly control = input.required<FormControl<string>>();
  readonly layers = input.required<LimitLayers>();
  /** What 0 stands for, in words. */
  readonly zero = input<string>();

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
  protected readonly facts = computed(() => {
    const { proposed, host, inForce } = this.layers();
    return [
      { name: 'Plugin proposes', value: proposed, counts: false },
      { name: 'Host', value: host, counts: false },
      { name: 'In force', value: inForce, counts: true },
    ].flatMap(({ value, ...fact }) => (value === undefined ? [] : [{ ...fact, value: this.words(value) }]));
  });

  private words(value: number): string {
    const zero = this.zero();
    return value === 0 && zero !== undefined ? zero : formatQuantity(this.unit(), value);
  }
}
