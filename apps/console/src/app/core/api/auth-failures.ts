import { Injectable } from '@angular/core';
import { Subject } from 'rxjs';
import type { ApiError } from './api-error';

/** The two answers that concern the whole console, whoever asked. */
export type AuthFailure = 'unauthenticated' | 'password_change_required';

/** Carries authentication failures from the HTTP layer up to the session, which the HTTP layer must not know. */
@Injectable({ providedIn: 'root' })
export class AuthFailures {
  private readonly subject = new Subject<AuthFailure>();
  readonly failures = this.subject.asObservable();

  report(error: ApiError): void {
    if (error.code === 'password_change_required') this.subject.next('password_change_required');
    // A wrong password is 401 as well, and says nothing about the session.
    else if (error.status === 401 && error.code !== 'invalid_credentials') this.subject.next('unauthenticated');
  }
}
