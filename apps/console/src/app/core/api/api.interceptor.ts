import type { HttpHandlerFn, HttpInterceptorFn, HttpRequest } from '@angular/common/http';
import { inject } from '@angular/core';
import { catchError, throwError } from 'rxjs';
import { toApiError } from './api-error';
import { AuthFailures } from './auth-failures';

/** The server wants this header on every unsafe request that is made with the session cookie (CSRF defence). */
export const CLIENT_HEADER = { name: 'X-Requested-With', value: 'toru-console' } as const;

const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

export function isSafeMethod(method: string): boolean {
  return SAFE_METHODS.has(method.toUpperCase());
}

/** Marks unsafe requests, turns every failure into an ApiError, and reports those that end the session. */
export const apiInterceptor: HttpInterceptorFn = (request: HttpRequest<unknown>, next: HttpHandlerFn) => {
  const failures = inject(AuthFailures);
  const marked = isSafeMethod(request.method)
    ? request
    : request.clone({ setHeaders: { [CLIENT_HEADER.name]: CLIENT_HEADER.value } });
  return next(marked).pipe(
    catchError((error: unknown) => {
      const apiError = toApiError(error);
      failures.report(apiError);
      return throwError(() => apiError);
    }),
  );
};
