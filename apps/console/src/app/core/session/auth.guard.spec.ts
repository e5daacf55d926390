import { HttpClient } from '@angular/common/http';
import { HttpTestingController } from '@angular/common/http/testing';
import { ChangeDetectionStrategy, Component } from '@angular/core';
import { TestBed } from '@angular/core/testing';
import { provideRouter, Router } from '@angular/router';
import { problem, until, user } from '../../../testing/fixtures';
import { provideConsoleTesting } from '../../../testing/providers';
import type { CurrentUser } from '../api/types';
import { authGuard, returnUrl, signedInGuard, signedOutGuard } from './auth.guard';
import { SessionRedirects } from './session-redirects';

@Component({ template: '', changeDetection: ChangeDetectionStrategy.OnPush })
class EmptyPage {}

function setUp(): { router: Router; http: HttpTestingController } {
  TestBed.configureTestingModule({
    providers: [
      ...provideConsoleTesting(),
      provideRouter([
        { path: 'sign-in', canActivate: [signedOutGuard], component: EmptyPage },
        { path: 'change-password', canActivate: [signedInGuard], component: EmptyPage },
        { path: 'unreachable', component: EmptyPage },
        { path: '', canActivate: [authGuard], children: [{ path: '**', component: EmptyPage }] },
      ]),
    ],
  });
  return { router: TestBed.inject(Router), http: TestBed.inject(HttpTestingController) };
}

async function open(url: string, answer: CurrentUser | 401 | 'no answer'): Promise<Router> {
  const { router, http } = setUp();
  const navigation = router.navigateByUrl(url);
  const request = await until(() => http.match('/api/auth/me')[0]);
  if (answer === 401) request.flush(problem('unauthenticated', 401, 'Sign in.'), { status: 401, statusText: 'x' });
  else if (answer === 'no answer') request.error(new ProgressEvent('error'));
  else request.flush(answer);
  await navigation;
  return router;
}

describe('authGuard', () => {
  it('lets a signed-in user in', async () => {
    expect((await open('/plugins', user())).url).toBe('/plugins');
  });

  it('sends others to the sign-in page, with the way back', async () => {
    expect((await open('/plugins/acme?x=1', 401)).url).toBe('/sign-in?return=%2Fplugins%2Facme%3Fx%3D1');
  });

  it('asks for a new password first where the first one was generated', async () => {
    const router = await open('/plugins', user({ must_change_password: true }));
    expect(router.url).toBe('/change-password?return=%2Fplugins');
  });

  it('says that the host is not reachable and keeps the address', async () => {
    const router = await open('/plugins', 'no answer');
    expect(router.lastSuccessfulNavigation()?.finalUrl?.toString()).toBe('/unreachable');
  });

  it('takes a signed-in user away from the sign-in page, only to an address of the console', async () => {
    expect((await open('/sign-in?return=%2Fplugins%2Facme', user())).url).toBe('/plugins/acme');
    expect(returnUrl('https://evil.example/')).toBe('/');
    expect(returnUrl('//evil.example/')).toBe('/');
  });

  it('goes to the sign-in page when any request is answered 401', async () => {
    const router = await open('/plugins/acme', user());
    TestBed.inject(SessionRedirects);
    TestBed.inject(HttpClient)
      .get('/api/plugins')
      .subscribe({ error: () => undefined });
    TestBed.inject(HttpTestingController)
      .expectOne('/api/plugins')
      .flush(problem('unauthenticated', 401, 'Sign in.'), { status: 401, statusText: 'x' });
    await until(() => router.url !== '/plugins/acme' || undefined);
    expect(router.url).toBe('/sign-in?return=%2Fplugins%2Facme');
  });
});
