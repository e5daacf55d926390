import type { Browser } from 'playwright-core';
import { ADMIN, type TestHost } from '../support/host';
import { Stage } from './support/stage';
import { Visit } from './support/visit';

/** As short as it may be. */
const CHOSEN = 'eight ch';

/** The cases build on one another: the first replaces the generated password, and the others sign in with what it chose. */
describe('signing in', () => {
  const stage = new Stage();
  let host: TestHost;
  let browser: Browser;
  let first: Visit;
  let visit: Visit;

  beforeAll(async () => {
    [host, browser] = await stage.start({ plugins: { alpha: {} }, env: { ADMIN_PASSWORD: '' } });
    first = await Visit.open(browser, host);
  });
  beforeEach(async () => {
    visit = await Visit.open(browser, host, { beside: first });
    await visit.page.context().clearCookies();
  });
  afterEach(async () => {
    await visit.closePage();
    expect(visit.problems).toEqual([]);
  });
  afterAll(() => stage.close());

  it('[API-6] a generated password lets nobody in before it is replaced', async () => {
    const generated = /admin \/ (\S+)/.exec(host.printed())?.[1] ?? '';
    await visit.goto('/plugins/alpha');
    await visit.heading('Sign in').waitFor();
    await visit.signIn(ADMIN.username, generated);
    await visit.heading('Change password').waitFor();

    await visit.goto('/plugins');
    await visit.heading('Change password').waitFor();
    await visit.page.getByLabel('Current password').fill(generated);
    await visit.page.getByLabel('New password', { exact: true }).fill(CHOSEN.slice(1));
    await visit.page.getByLabel('New password again').fill(CHOSEN.slice(1));
    await visit.page.getByText('Use at least 8 characters.').waitFor();
    await visit.page.getByLabel('New password', { exact: true }).fill(CHOSEN);
    await visit.page.getByLabel('New password again').fill(CHOSEN);
    await visit.page.getByRole('button', { name: 'Change password' }).click();

    await visit.heading('Plugin Manager').waitFor();
    await visit.toast.filter({ hasText: 'Your password was changed.' }).waitFor();
  });

  it('says that a password is wrong, lets the right one in, and goes where one wanted to', async () => {
    await visit.goto('/plugins/alpha');
    await visit.heading('Sign in').waitFor();
    await visit.signIn(ADMIN.username, 'not the password');
    await visit.page.getByRole('alert').filter({ hasText: 'User name or password is wrong.' }).waitFor();

    await visit.signIn(ADMIN.username, CHOSEN);
    await visit.heading('alpha is not running').or(visit.page.getByText('alpha is mounted')).waitFor();
    expect(await visit.path()).toBe('/plugins/alpha');
  });

  it('signs out, and shows nothing any more', async () => {
    await visit.goto('/');
    await visit.signIn(ADMIN.username, CHOSEN);
    await visit.page.getByRole('button', { name: 'Account of admin' }).click();
    await visit.page.getByRole('menuitem', { name: 'Sign out' }).click();
    await visit.heading('Sign in').waitFor();

    await visit.goto('/plugins');
    await visit.heading('Sign in').waitFor();
    expect(await visit.sidebar.count()).toBe(0);
  });
});
