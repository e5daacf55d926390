import { HttpTestingController } from '@angular/common/http/testing';
import { TestbedHarnessEnvironment } from '@angular/cdk/testing/testbed';
import type { ComponentFixture } from '@angular/core/testing';
import { TestBed } from '@angular/core/testing';
import { MatButtonHarness } from '@angular/material/button/testing';
import { MatInputHarness } from '@angular/material/input/testing';
import { provideRouter, Router } from '@angular/router';
import { jest } from '@jest/globals';
import { holdClock, problem, settle, user } from '../../../testing/fixtures';
import { provideConsoleTesting } from '../../../testing/providers';
import { SignInPage } from './sign-in.page';

describe('SignInPage', () => {
  let fixture: ComponentFixture<SignInPage>;
  let http: HttpTestingController;
  let navigateByUrl: jest.SpiedFunction<Router['navigateByUrl']>;

  beforeEach(() => {
    holdClock();
    TestBed.configureTestingModule({ providers: [...provideConsoleTesting(), provideRouter([])] });
    http = TestBed.inject(HttpTestingController);
    navigateByUrl = jest.spyOn(TestBed.inject(Router), 'navigateByUrl').mockResolvedValue(true);
    fixture = TestBed.createComponent(SignInPage);
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  async function submit(password = 'secret'): Promise<void> {
    const loader = TestbedHarnessEnvironment.loader(fixture);
    const [name, secret] = await loader.getAllHarnesses(MatInputHarness);
    await name?.setValue('ada');
    await secret?.setValue(password);
    await (await loader.getHarness(MatButtonHarness.with({ selector: '[type=submit]' }))).click();
  }

  async function answered(): Promise<string> {
    await settle();
    await fixture.whenStable();
    return (fixture.nativeElement as HTMLElement).querySelector('[role=alert]')?.textContent.trim() ?? '';
  }

  it('signs in with the header that the server wants', async () => {
    await submit();
    const { request } = http.expectOne('/api/auth/login');
    expect(request.body).toEqual({ username: 'ada', password: 'secret' });
    expect(request.headers.get('X-Requested-With')).toBe('toru-console');
  });

  it.each([
    ['/plugins/acme', '/plugins/acme'],
    ['https://evil.example/', '/'],
    ['//evil.example/', '/'],
  ])('returns from %s to %s', async (wanted, target) => {
    fixture.componentRef.setInput('return', wanted);
    await submit();
    http.expectOne('/api/auth/login').flush(user());
    await answered();
    expect(navigateByUrl).toHaveBeenCalledWith(target);
  });

  it('goes to the page for a new password where the first one was generated', async () => {
    const navigate = jest.spyOn(TestBed.inject(Router), 'navigate').mockResolvedValue(true);
    await submit();
    http.expectOne('/api/auth/login').flush(user({ must_change_password: true }));
    await answered();
    expect(navigate).toHaveBeenCalledWith(['/change-password'], { queryParams: {} });
  });

  it('says that name or password is wrong, and keeps only the name', async () => {
    await submit('wrong');
    http
      .expectOne('/api/auth/login')
      .flush(problem('invalid_credentials', 401, 'x'), { status: 401, statusText: 'Unauthorized' });
    expect(await answered()).toBe('User name or password is wrong.');
    const inputs = await TestbedHarnessEnvironment.loader(fixture).getAllHarnesses(MatInputHarness);
    expect(await Promise.all(inputs.map((input) => input.getValue()))).toEqual(['ada', '']);
  });

  it('counts down while the server refuses further attempts', async () => {
    await submit();
    http.expectOne('/api/auth/login').flush(problem('too_many_requests', 429, 'x'), {
      status: 429,
      statusText: 'Too Many Requests',
      headers: { 'Retry-After': '8' },
    });
    expect(await answered()).toBe('Too many attempts. Try again in 8 seconds.');
    await jest.advanceTimersByTimeAsync(1_000);
    expect(await answered()).toBe('Too many attempts. Try again in 7 seconds.');
    await submit();
    http.expectNone('/api/auth/login');
    await jest.advanceTimersByTimeAsync(7_000);
    expect(await answered()).toBe('');
  });

  it('sends nothing while a field is empty', async () => {
    await submit('');
    http.expectNone('/api/auth/login');
    expect(fixture.nativeElement.textContent).toContain('Enter your password.');
  });
});
