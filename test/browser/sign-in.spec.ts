import type { Browser } from 'playwright-core';
import { ADMIN, startHost, type TestHost } from '../support/host';
import { startBrowser } from './support/browser';
import { Visit } from './support/visit';

/** As short as it may be. */
const CHOSEN = 'eight ch';

function inBrowser(env: Readonly<Record<string, string>>): { readonly host: TestHost; readonly visit: Visit } {
  let host: TestHost;
  let browser: Browser;
  let visit: Visit;

  beforeAll(async () => {
    [host, browser] = await Promise.all([startHost({ plugins: { alpha: {} }, env }), startBrowser()]);
  });
  beforeEach(async () => {
    visit = await Visit.open(browser, host);
  });
  afterEach(async () => {
    await visit.close();
    expect(visit.problems).toEqual([]);
  });
  afterAll(async () => {
    await browser.close();
    await host.dispose();
  });

  return {
    get host() {
      return host;
    },
    get visit() {
      return visit;
    },
  };
}

describe('the first sign-in', () => {
  const current = inBrowser({ ADMIN_PASSWORD: '' });

  it('[API-6] a generated password lets nobody in before it is replaced', async () => {
    const { host, visit } = current;
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
    expect(await visit.toast.textContent()).toContain('Your password was changed.');
  });
});

describe('signing in', () => {
  const current = inBrowser({});

  it('says that a password is wrong, lets the right one in, and goes where one wanted to', async () => {
    const { visit } = current;
    await visit.goto('/plugins/alpha');
    await visit.heading('Sign in').waitFor();
    await visit.signIn(ADMIN.username, 'not the password');
    expect(await visit.page.getByRole('alert').textContent()).toContain('User name or password is wrong.');

    await visit.signIn(ADMIN.username, ADMIN.password);
    await visit.heading('alpha is not running').or(visit.page.getByText('alpha is mounted')).waitFor();
    expect(visit.path).toBe('/plugins/alpha');
  });

  it('signs out, and shows nothing any more', async () => {
    const { visit } = current;
    await visit.goto('/');
    await visit.signIn(ADMIN.username, ADMIN.password);
    await visit.page.getByRole('button', { name: 'Account of admin' }).click();
    await visit.page.getByRole('menuitem', { name: 'Sign out' }).click();
    await visit.heading('Sign in').waitFor();

    await visit.goto('/plugins');
    await visit.heading('Sign in').waitFor();
    expect(await visit.sidebar.count()).toBe(0);
  });
});
