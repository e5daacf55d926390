import { ChangeDetectionStrategy, Component, inject, input, signal } from '@angular/core';
import type { AbstractControl, ValidationErrors } from '@angular/forms';
import { NonNullableFormBuilder, ReactiveFormsModule, Validators } from '@angular/forms';
import { MatButton } from '@angular/material/button';
import { Router } from '@angular/router';
import type { ApiError } from '../../core/api/api-error';
import { toApiError } from '../../core/api/api-error';
import { ToastService } from '../../core/notifications/toast.service';
import { returnUrl, SIGN_IN_PATH } from '../../core/session/auth.guard';
import { MIN_PASSWORD_LENGTH } from '../../core/session/password-rules';
import { SessionStore } from '../../core/session/session.store';
import { AuthCard } from '../../shared/auth-card/auth-card';
import { FormError } from '../../shared/auth-card/form-error';
import { PasswordField } from '../../shared/password-field/password-field';

/** Changes the password: by will, or because the first one was generated (then nothing else answers before). */
@Component({
  selector: 'toru-change-password-page',
  imports: [AuthCard, FormError, PasswordField, ReactiveFormsModule, MatButton],
  changeDetection: ChangeDetectionStrategy.OnPush,
  templateUrl: './change-password.page.html',
  styleUrl: './change-password.page.scss',
})
export class ChangePasswordPage {
  private readonly session = inject(SessionStore);
  private readonly router = inject(Router);
  private readonly toasts = inject(ToastService);

  readonly return = input<string>();

  protected readonly minLength = MIN_PASSWORD_LENGTH;
  /** Fixed when the page opens, so that its words do not change while it is left. */
  protected readonly forced = this.session.mustChangePassword();
  protected readonly userName = this.session.user()?.name ?? '';
  protected readonly form = inject(NonNullableFormBuilder).group({
    current: ['', Validators.required],
    next: ['', [Validators.required, Validators.minLength(MIN_PASSWORD_LENGTH)]],
    repeated: ['', [Validators.required, sameAsNext]],
  });
  protected readonly busy = signal(false);
  protected readonly failure = signal<ApiError | null>(null);

  constructor() {
    this.form.controls.next.valueChanges.subscribe(() => this.form.controls.repeated.updateValueAndValidity());
  }

  protected async submit(): Promise<void> {
    if (this.form.invalid || this.busy()) {
      this.form.markAllAsTouched();
      return;
    }
    this.busy.set(true);
    this.failure.set(null);
    try {
      const { current, next } = this.form.getRawValue();
      await this.session.changePassword(current, next);
      this.toasts.show('Your password was changed.', 'success');
      await this.leave();
    } catch (error) {
      this.failure.set(toApiError(error));
      this.form.controls.current.reset();
    } finally {
      this.busy.set(false);
    }
  }

  protected async leave(): Promise<void> {
    await this.router.navigateByUrl(returnUrl(this.return() ?? null));
  }

  protected async signOut(): Promise<void> {
    try {
      await this.session.signOut();
      await this.router.navigateByUrl(SIGN_IN_PATH);
    } catch (error) {
      this.failure.set(toApiError(error));
    }
  }

  protected messageOf(error: ApiError): string {
    return error.code === 'invalid_credentials' ? 'The current password is wrong.' : error.detail;
  }
}

function sameAsNext(control: AbstractControl<string>): ValidationErrors | null {
  return control.parent?.get('next')?.value === control.value ? null : { different: true };
}
