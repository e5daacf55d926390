import { ChangeDetectionStrategy, Component, input, signal, viewChild } from '@angular/core';
import type { FormControl } from '@angular/forms';
import { ReactiveFormsModule } from '@angular/forms';
import { MatIconButton } from '@angular/material/button';
import { MatError, MatFormField, MatHint, MatLabel, MatSuffix } from '@angular/material/form-field';
import { MatIcon } from '@angular/material/icon';
import { MatInput } from '@angular/material/input';

/** A password with a button that shows it. */
@Component({
  selector: 'toru-password-field',
  imports: [
    ReactiveFormsModule,
    MatFormField,
    MatLabel,
    MatHint,
    MatError,
    MatSuffix,
    MatInput,
    MatIconButton,
    MatIcon,
  ],
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <mat-form-field>
      <mat-label>{{ label() }}</mat-label>
      <input
        matInput
        [type]="shown() ? 'text' : 'password'"
        [formControl]="control()"
        [name]="name()"
        [autocomplete]="autocomplete()"
        autocapitalize="none"
        spellcheck="false"
        required
      />
      <button
        mat-icon-button
        matSuffix
        type="button"
        [attr.aria-label]="shown() ? 'Hide the password' : 'Show the password'"
        [attr.aria-pressed]="shown()"
        (click)="shown.set(!shown())"
      >
        <mat-icon [svgIcon]="shown() ? 'hide' : 'show'" />
      </button>
      @if (hint(); as hint) {
        <mat-hint>{{ hint }}</mat-hint>
      }
      <mat-error>{{ error() }}</mat-error>
    </mat-form-field>
  `,
  styles: `
    mat-form-field {
      width: 100%;
    }
    button {
      margin-inline-end: 4px;
    }
  `,
})
export class PasswordField {
  readonly label = input.required<string>();
  readonly control = input.required<FormControl<string>>();
  readonly name = input.required<string>();
  readonly autocomplete = input.required<'current-password' | 'new-password'>();
  readonly error = input.required<string>();
  readonly hint = input<string | null>(null);
  private readonly field = viewChild.required(MatInput);
  protected readonly shown = signal(false);

  focus(): void {
    this.field().focus();
  }
}
