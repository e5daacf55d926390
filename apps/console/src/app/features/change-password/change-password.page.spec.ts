import { HttpTestingController } from '@angular/common/http/testing';
import { TestbedHarnessEnvironment } from '@angular/cdk/testing/testbed';
import type { ComponentFixture } from '@angular/core/testing';
import { TestBed } from '@angular/core/testing';
import { MatButtonHarness } from '@angular/material/button/testing';
import { MatInputHarness } from '@angular/material/input/testing';
import { provideRouter, Router } from '@angular/router';
import { jest } from '@jest/globals';
import { problem, settle, user } from '../../../testing/fixtures';
import { provideConsoleTesting } from '../../../testing/providers';
import { SessionStore } from '../../core/session/session.store';
import { ChangePasswordPage } from './change-password.page';

const CHOSEN = 'eight ch';

describe('ChangePasswordPage', () => {
  let fixture: ComponentFixture<ChangePasswordPage>;
  let http: HttpTestingController;
  let navigateByUrl: jest.SpiedFunction<Router['navigateByUrl']>;

  async function open(mustChangePassword: boolean): Promise<void> {
    TestBed.configureTestingModule({ providers: [...provideConsoleTesting(), provideRouter([])] });
    http = TestBed.inject(HttpTestingController);
    navigateByUrl = jest.spyOn(TestBed.inject(Router), 'navigateByUrl').mockResolvedValue(true);
    const session = TestBed.inject(SessionStore).resolve();
    http.expectOne('/api/auth/me').flush(user({ must_change_password: mustChangePassword }));
    await session;
    fixture = TestBed.createComponent(ChangePasswordPage);
    await fixture.whenStable();
  }

  async function submit(current: string, next: string, repeated: string): Promise<void> {
    const loader = TestbedHarnessEnvironment.loader(fixture);
    const inputs = await loader.getAllHarnesses(MatInputHarness);
    for (const [index, value] of [current, next, repeated].entries()) await inputs[index]?.setValue(value);
    await (await loader.getHarness(MatButtonHarness.with({ selector: '[type=submit]' }))).click();
  }

  async function answered(): Promise<void> {
    await settle();
    await fixture.whenStable();
  }

  const text = (): string => (fixture.nativeElement as HTMLElement).textContent;

  it('sends both passwords and goes back to where one came from', async () => {
    await open(false);
    fixture.componentRef.setInput('return', '/plugins/acme');
    await submit('old secret', CHOSEN, CHOSEN);
    const change = http.expectOne({ method: 'POST', url: '/api/auth/password' });
    expect(change.request.body).toEqual({ current_password: 'old secret', new_password: CHOSEN });
    change.flush(user());
    await answered();
    expect(navigateByUrl).toHaveBeenCalledWith('/plugins/acme');
  });

  it('lets a person with a given password go on once it is changed', async () => {
    await open(true);
    expect(text()).toContain('Choose one of your own');
    expect(text()).not.toContain('Cancel');
    await submit('given', CHOSEN, CHOSEN);
    http.expectOne('/api/auth/password').flush(user());
    await answered();
    expect(TestBed.inject(SessionStore).mustChangePassword()).toBe(false);
    expect(navigateByUrl).toHaveBeenCalledWith('/');
  });

  it.each([
    ['too short', CHOSEN.slice(1), CHOSEN.slice(1), 'Use at least 8 characters.'],
    ['mistyped', CHOSEN, `${CHOSEN}?`, 'The two new passwords differ.'],
  ])('sends nothing when the new password is %s', async (_, next, repeated, message) => {
    await open(false);
    await submit('old secret', next, repeated);
    http.expectNone('/api/auth/password');
    expect(text()).toContain(message);
  });

  it('says that the current password is wrong, and asks for it again', async () => {
    await open(false);
    await submit('not it', CHOSEN, CHOSEN);
    const refusal = { status: 401, statusText: 'Unauthorized' };
    http.expectOne('/api/auth/password').flush(problem('invalid_credentials', 401, 'x'), refusal);
    await answered();
    expect(text()).toContain('The current password is wrong.');
    expect(navigateByUrl).not.toHaveBeenCalled();
    const [current, next] = await TestbedHarnessEnvironment.loader(fixture).getAllHarnesses(MatInputHarness);
    expect(await current?.getValue()).toBe('');
    expect(await next?.getValue()).toBe(CHOSEN);
  });
});
