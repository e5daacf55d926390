import {
  afterNextRender,
  ChangeDetectionStrategy,
  Component,
  computed,
  DestroyRef,
  inject,
  input,
  signal,
  viewChild,
} from '@angular/core';
import { FormGroupDirective, NonNullableFormBuilder, ReactiveFormsModule, Validators } from '@angular/forms';
import { MatButton } from '@angular/material/button';
import { MatError, MatFormField, MatLabel } from '@angular/material/form-field';
import { MatInput } from '@angular/material/input';
import { MatProgressBar } from '@angular/material/progress-bar';
import { Router } from '@angular/router';
import type { ApiError } from '../../core/api/api-error';
import { toApiError } from '../../core/api/api-error';
import { CHANGE_PASSWORD_PATH, returnUrl } from '../../core/session/auth.guard';
import { SessionStore } from '../../core/session/session.store';
import { AuthCard } from '../../shared/auth-card/auth-card';
import { FormError } from '../../shared/auth-card/form-error';
import { PasswordField } from '../../shared/password-field/password-field';

@Component({
  selector: 'toru-sign-in-page',
  imports: [
    AuthCard,
    FormError,
    PasswordField,
    ReactiveFormsModule,
    MatButton,
    MatFormField,
    MatLabel,
    MatError,
    MatInput,
    MatProgressBar,
  ],
  changeDetection: ChangeDetectionStrategy.OnPush,
  templateUrl: './sign-in.page.html',
  styleUrl: './sign-in.page.scss',
})
export class SignInPage {
  private readonly session = inject(SessionStore);
  private readonly router = inject(Router);

  /** Where to go afterwards, from the query; only ever inside the console. */
  readonly return = input<string>();

  protected readonly form = inject(NonNullableFormBuilder).group({
    username: ['', Validators.required],
    password: ['', Validators.required],
  });
  private readonly directive = viewChild.required(FormGroupDirective);
  private readonly userNameField = viewChild.required(MatInput);
  private readonly passwordField = viewChild.required(PasswordField);
  protected readonly busy = signal(false);
  protected readonly failure = signal<ApiError | null>(null);
  /** Seconds until the server accepts another try; 0 when it does. */
  protected readonly waitSeconds = signal(0);
  protected readonly message = computed(() => messageFor(this.failure(), this.waitSeconds()));
  private countdown: ReturnType<typeof setInterval> | undefined;

  constructor() {
    // The page is nothing but this form.
    afterNextRender(() => this.userNameField().focus());
    inject(DestroyRef).onDestroy(() => clearInterval(this.countdown));
  }

  protected async submit(): Promise<void> {
    if (this.form.invalid || this.busy() || this.waitSeconds() > 0) {
      this.form.markAllAsTouched();
      return;
    }
    this.busy.set(true);
    this.failure.set(null);
    try {
      const { username, password } = this.form.getRawValue();
      const user = await this.session.signIn(username, password);
      const target = returnUrl(this.return() ?? null);
      if (user.must_change_password) {
        await this.router.navigate([CHANGE_PASSWORD_PATH], { queryParams: target === '/' ? {} : { return: target } });
      } else {
        await this.router.navigateByUrl(target);
      }
    } catch (error) {
      this.fail(toApiError(error));
    } finally {
      this.busy.set(false);
    }
  }

  private fail(error: ApiError): void {
    this.failure.set(error);
    // Also forgets that the form was submitted: an emptied field is no mistake of the user's.
    this.directive().resetForm({ username: this.form.controls.username.value, password: '' });
    this.passwordField().focus();
    if (error.status === 429) this.startCountdown(error.retryAfterSeconds ?? 5);
  }

  private startCountdown(seconds: number): void {
    clearInterval(this.countdown);
    this.waitSeconds.set(seconds);
    this.countdown = setInterval(() => {
      this.waitSeconds.update((left) => left - 1);
      if (this.waitSeconds() > 0) return;
      clearInterval(this.countdown);
      this.failure.set(null);
    }, 1_000);
  }
}

function messageFor(error: ApiError | null, waitSeconds: number): string | null {
  if (error === null) return null;
  if (error.status === 429) {
    return `Too many attempts. Try again in ${waitSeconds} ${waitSeconds === 1 ? 'second' : 'seconds'}.`;
  }
  if (error.code === 'invalid_credentials') return 'User name or password is wrong.';
  return error.detail;
}
