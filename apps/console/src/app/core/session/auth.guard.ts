import { inject } from '@angular/core';
import type { CanActivateFn, GuardResult } from '@angular/router';
import { RedirectCommand, Router } from '@angular/router';
import { internalUrl } from '../navigation/internal-url';
import type { CurrentUser } from '../api/types';
import { SessionStore } from './session.store';

export const SIGN_IN_PATH = '/sign-in';
export const CHANGE_PASSWORD_PATH = '/change-password';
export const UNREACHABLE_PATH = '/unreachable';

/** Lets signed-in people in; sends everybody else to the sign-in page, and back here afterwards. */
export const authGuard: CanActivateFn = async (_route, state) => {
  const router = inject(Router);
  return whenKnown(router, inject(SessionStore), (user) => {
    if (user === null) return router.createUrlTree([SIGN_IN_PATH], { queryParams: returnTo(state.url) });
    if (user.must_change_password) {
      return router.createUrlTree([CHANGE_PASSWORD_PATH], { queryParams: returnTo(state.url) });
    }
    return true;
  });
};

/** The page for changing the password needs a session, and stays reachable when the password must be changed. */
export const signedInGuard: CanActivateFn = async () => {
  const router = inject(Router);
  return whenKnown(router, inject(SessionStore), (user) => user !== null || router.createUrlTree([SIGN_IN_PATH]));
};

/** Nobody who is signed in needs the sign-in page. */
export const signedOutGuard: CanActivateFn = async (route) => {
  const router = inject(Router);
  return whenKnown(
    router,
    inject(SessionStore),
    (user) => user === null || router.parseUrl(returnUrl(route.queryParamMap.get('return'))),
  );
};

/** Where to go after signing in: only ever inside the console. */
export function returnUrl(value: string | null): string {
  return internalUrl(value) ?? '/';
}

function returnTo(url: string): { return?: string } {
  return url === '/' || url === '' ? {} : { return: url };
}

async function whenKnown(
  router: Router,
  session: SessionStore,
  decide: (user: CurrentUser | null) => GuardResult,
): Promise<GuardResult> {
  let user: CurrentUser | null;
  try {
    user = await session.resolve();
  } catch {
    // The address stays as it is, so that reloading the page goes where it was meant to go.
    return new RedirectCommand(router.parseUrl(UNREACHABLE_PATH), { skipLocationChange: true });
  }
  return decide(user);
}
