import { DestroyRef, inject, Injectable } from '@angular/core';
import { MatDialog } from '@angular/material/dialog';
import { Router } from '@angular/router';
import { AuthFailures } from '../api/auth-failures';
import { CHANGE_PASSWORD_PATH, SIGN_IN_PATH } from './auth.guard';

/** Takes people to the page that helps when any request says that the session has ended or is not complete yet. */
@Injectable({ providedIn: 'root' })
export class SessionRedirects {
  private readonly router = inject(Router);
  private readonly dialog = inject(MatDialog);

  constructor() {
    const subscription = inject(AuthFailures).failures.subscribe((failure) => {
      void this.goTo(failure === 'unauthenticated' ? SIGN_IN_PATH : CHANGE_PASSWORD_PATH);
    });
    inject(DestroyRef).onDestroy(() => subscription.unsubscribe());
  }

  private async goTo(path: string): Promise<void> {
    // The very first question "who am I" is answered by the guard of the page that asked it.
    if (!this.router.navigated) return;
    const url = this.router.url;
    if ([SIGN_IN_PATH, CHANGE_PASSWORD_PATH].some((page) => url.split('?')[0] === page)) return;
    this.dialog.closeAll();
    await this.router.navigate([path], { queryParams: url === '/' ? {} : { return: url } });
  }
}
