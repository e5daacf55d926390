import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Browser } from 'playwright-core';
import type { TestHost } from '../support/host';
import { Stage } from './support/stage';
import { untilLogged } from './support/until-logged';
import { Visit } from './support/visit';

const DIRECTORY = path.resolve('test/screenshots');
/** The longest there may be: however slow the machine, the crashed plugin is still crashed on the last page that shows it. */
const BACKOFF_MS = 3_600_000;
/** All pages, of which each is looked at four times, take a minute on two quiet cores, and more than four on busy ones. */
const PAGES_TIMEOUT_MS = 1_200_000;
/** What another theme can change: colours alone. Those of the phone are those of the desktop. */
const COLOUR_RULES = ['color-contrast', 'link-in-text-block'];
const VIEWPORTS = { desktop: { width: 1280, height: 800 }, phone: { width: 390, height: 844 } } as const;
const LINES = [
  '{"level":"info","message":"Certificate renewed","domain":"example.org","duration_ms":812}',
  '{"level":"warn","message":"The mirror answers slowly, trying the next one","mirror":"eu-2"}',
  '{"level":"error","message":"Backup failed: no space left on device","error":{"code":"ENOSPC"}}',
  'plain text from standard output',
];

/** One setting of each kind. */
const SETTINGS_SCHEMA = {
  type: 'object',
  description: 'Where the copies go, and how often.',
  properties: {
    target: { type: 'string', title: 'Target', description: 'Where the copies are put.', format: 'uri' },
    every: { type: 'integer', title: 'Hours between copies', minimum: 1, maximum: 168, default: 24 },
    mail: { type: 'string', title: 'Report to', format: 'email' },
    level: { type: 'string', title: 'Compression', enum: ['none', 'fast', 'best'], default: 'fast' },
    verify: { type: 'boolean', title: 'Verify each copy', description: 'Reads every copy once more.', default: true },
    since: { type: 'string', title: 'Not before', format: 'date' },
    keep: { type: 'integer', title: 'Days for which copies of the databases are kept', minimum: 1, default: 30 },
    skip: { type: 'array', title: 'Skip', items: { type: 'string' }, default: ['tmp', 'cache'] },
    days: { type: 'array', title: 'Days', items: { type: 'string', enum: ['Monday', 'Friday'] } },
    notes: { type: 'string', title: 'Notes', format: 'textarea' },
    token: { type: 'string', title: 'Access token', format: 'password' },
  },
  required: ['target', 'token'],
};

/** How it would have its requests treated. */
const HTTP = {
  ...{ concurrency: 4, first_byte_timeout_ms: 60_000 },
  paths: [{ path: '/restore/*', first_byte_timeout_ms: 900_000, max_body_bytes: 64 * 1024 * 1024 }],
};

interface Page {
  readonly name: string;
  readonly show: (visit: Visit) => Promise<void>;
  /** What is to be done anew where the colours have changed. */
  readonly onDark?: (visit: Visit) => Promise<void>;
  /** What is to be done where the window has become that of a phone. */
  readonly onPhone?: (visit: Visit) => Promise<void>;
}

async function showToast(visit: Visit): Promise<void> {
  await visit.row('Idle').getByRole('switch').click();
  await visit.toast.filter({ hasText: 'enabled' }).waitFor();
  await visit.row('Idle').getByRole('switch').click();
  await visit.announcedToast.filter({ hasText: 'disabled' }).waitFor();
}

/**
 * Every page and state of the console that there is to look at, in the order in which one window shows them; each begins
 * where the one before it ends.
 */
const PAGES: readonly Page[] = [
  {
    name: 'plugin-manager-empty',
    show: async (visit) => {
      await visit.page.route('**/api/plugins', (route) => route.fulfill({ json: { items: [] } }));
      await visit.goto('/plugins');
      await visit.heading('No plugins yet').waitFor();
    },
  },
  {
    name: 'plugin-manager',
    show: async (visit) => {
      await visit.goto('/plugins');
      await visit.row('Hello Node').waitFor();
    },
  },
  {
    name: 'logs',
    show: async (visit) => {
      await visit.page.getByRole('button', { name: 'View logs of Backup' }).click();
      await visit.page.getByRole('listitem').filter({ hasText: 'plain text' }).waitFor();
      await visit.page.getByRole('listitem').filter({ hasText: 'Backup failed' }).getByRole('button').click();
    },
  },
  {
    name: 'plugin-details',
    show: async (visit) => {
      await visit.follow('/plugin-manager/backup');
      await visit.page.getByText('Current').waitFor();
    },
  },
  {
    name: 'plugin-details-crashed',
    show: async (visit) => {
      await visit.follow('/plugin-manager/fragile');
      await visit.page.getByText('Next try').waitFor();
      await visit.page.getByText('Its file cannot be used as it is now').waitFor();
    },
  },
  {
    name: 'limits',
    show: async (visit) => {
      await visit.follow('/plugin-manager/backup');
      await visit.page.getByRole('button', { name: 'Limits', exact: true }).click();
      await visit.page.getByRole('textbox', { name: 'Requests that wait' }).fill('16');
      await visit.page.getByRole('textbox', { name: 'Silence within an answer' }).fill('30');
      await visit.page.getByRole('button', { name: 'Save' }).click();
      await visit.page.getByText('Write it with its unit').waitFor();
    },
  },
  {
    name: 'limits-of-paths',
    show: async (visit) => {
      await visit.page.getByRole('button', { name: 'Add a rule for a path' }).click();
      await visit.page.getByRole('textbox', { name: 'Path' }).fill('/report/*');
      await visit.page.getByRole('heading', { name: 'Single paths' }).scrollIntoViewIfNeeded();
      await visit.page.getByText('The plugin’s rule').scrollIntoViewIfNeeded();
    },
  },
  {
    name: 'settings',
    show: async (visit) => {
      await visit.follow('/settings');
      await visit.page.getByRole('textbox', { name: 'Hours between copies' }).fill('12');
      await visit.page.getByRole('textbox', { name: 'Report to' }).fill('nobody');
      await visit.page.getByRole('button', { name: 'Set Access token' }).click();
      await visit.page.getByRole('button', { name: 'Save the settings of Backup' }).click();
      await visit.page.getByText('It must be an e-mail address.').waitFor();
      // what was not saved holds the next page back, and asks
      visit.page.once('dialog', (dialog) => void dialog.accept());
    },
  },
  {
    name: 'hello-python',
    show: async (visit) => {
      await visit.goto('/plugins/hello-python');
      await visit.page.getByTestId('visits').filter({ hasText: /\d/ }).waitFor();
    },
  },
  {
    name: 'hello-node',
    show: async (visit) => {
      await visit.follow('/plugins/hello-node');
      await visit.heading('Hello from Node').waitFor();
      await visit.page.getByTestId('visits').filter({ hasText: /\d/ }).waitFor();
    },
  },
  {
    name: 'crashed',
    show: async (visit) => {
      await visit.follow('/plugins/fragile');
      await visit.page.getByText('Latest events').waitFor();
      await visit.page.getByRole('radio', { name: 'Supervisor' }).click();
      await visit.logLines.filter({ hasText: 'it ended with status 1' }).waitFor();
    },
  },
  {
    name: 'crashes',
    show: async (visit) => {
      await visit.page.getByRole('button', { name: 'Crashes' }).click();
      // the newest one is open
      await visit.page
        .getByRole('button', { name: /It ended with status 1/, expanded: true })
        .first()
        .waitFor();
      await visit.page.getByText('Last lines').waitFor();
    },
  },
  {
    name: 'page-error',
    show: async (visit) => {
      await visit.follow('/plugins/bad-page');
      await visit.page.getByRole('alert').waitFor();
    },
  },
  {
    name: 'disabled',
    show: async (visit) => {
      await visit.follow('/plugins/idle');
      await visit.heading('Idle is not running').waitFor();
    },
  },
  {
    name: 'not-found',
    show: async (visit) => {
      await visit.follow('/nowhere');
      await visit.page.getByRole('heading', { level: 1 }).waitFor();
    },
  },
  {
    name: 'account-menu',
    show: async (visit) => {
      await visit.page.getByRole('button', { name: 'Account of admin' }).click();
      await visit.page.getByRole('menuitem', { name: 'Sign out' }).waitFor();
    },
  },
  {
    name: 'navigation',
    show: async (visit) => {
      await visit.page.keyboard.press('Escape');
      await visit.follow('/plugins');
      await visit.row('Hello Node').waitFor();
      await visit.entry('Hello Node').waitFor();
    },
    onPhone: async (visit) => {
      await visit.page.getByRole('button', { name: 'Open the navigation' }).click();
      await visit.entry('Hello Node').waitFor();
    },
  },
  {
    name: 'toast',
    show: showToast,
    onDark: showToast,
    onPhone: showToast,
  },
  {
    name: 'licence',
    show: async (visit) => {
      const terms = {
        ...{
          form: 'ed25519',
          instance_id: '6c2e7a4e-9f34-4b0e-8a39-d5a0c1c6a2f1',
          this_instance: true,
          plugin: 'backup',
        },
        ...{ expires: '2026-12-02', id: 'L-2026-0042', customer: 'Ada Lovelace & Partners Ltd', issued: '2026-08-13' },
        ...{ updates_until: '2027-06-09', features: ['export', 'encryption'] },
      };
      const license = {
        ...{ plugin: 'backup', required: false, state: 'expiring', source: 'entered', key: 'TORU…DTDw', days_left: 12 },
        ...{ entered_at: '2026-11-20T09:00:00.000Z', file: { name: 'backup.license', problem: null }, terms },
      };
      await visit.page.route('**/api/plugins/backup/license', (route) => route.fulfill({ json: license }));
      const clock = { set_back: true, now: '2026-11-21T09:00:00.000Z', highest_seen: '2027-02-01T10:00:00.000Z' };
      await visit.page.route('**/api/licenses', (route) => route.fulfill({ json: { items: [license], clock } }));
      await visit.goto('/plugin-manager/backup');
      await visit.page.getByText('The licence of Backup').waitFor();
      await visit.page.getByRole('button', { name: 'Licence', exact: true }).click();
      await visit.page.getByText('Ada Lovelace').waitFor();
    },
  },
  {
    name: 'change-password',
    show: async (visit) => {
      await visit.follow('/change-password');
      await visit.heading('Change password').waitFor();
      await visit.page.getByRole('button', { name: 'Change password' }).click();
      await visit.page.getByText('Enter your current password.').waitFor();
    },
  },
  {
    name: 'sign-in',
    show: async (visit) => {
      await visit.page.context().clearCookies();
      await visit.goto('/sign-in');
      await visit.heading('Sign in').waitFor();
    },
  },
];

describe('the console', () => {
  const stage = new Stage();
  let host: TestHost;
  let browser: Browser;
  let cookie: string;

  beforeAll(async () => {
    mkdirSync(DIRECTORY, { recursive: true });
    [host, browser] = await stage.start({
      examples: true,
      plugins: {
        backup: {
          name: 'Backup',
          metadata: {
            version: '2.4.1',
            icon: '🗄️',
            description: 'Copies the databases to another place every night.',
            settings_schema: SETTINGS_SCHEMA,
            http: HTTP,
          },
        },
        fragile: { name: 'Fragile', metadata: { icon: 'Fr', description: 'Ends when one needs it most.' } },
        'bad-page': { name: 'Bad page', bundle: `throw new TypeError('Cannot read properties of undefined');` },
        idle: {
          name: 'Idle',
          enabled: false,
          metadata: { icon: '💤', description: 'Waits until somebody enables it.' },
        },
        'not-a-plugin': { behaviour: 'metadata-exits' },
      },
      env: { TORU_BACKOFF_BASE_MS: String(BACKOFF_MS), TORU_BACKOFF_MAX_MS: String(BACKOFF_MS) },
    });
    await Promise.all(
      ['hello-python', 'hello-node', 'backup', 'bad-page', 'fragile'].map((id) => host.untilPlugin(id, 'running')),
    );
    for (const line of LINES) await host.json('/plugins/backup/log/stdout', { method: 'POST', body: `${line}\n` });
    // its file cannot be used any more, and what was it before crashes: both are told
    writeFileSync(path.join(host.directories.plugins, 'fragile.binary'), 'This is no plugin.\n');
    await host.json('/api/plugins/rescan', { method: 'POST' });
    await host.api('/plugins/fragile/chaos/crash');
    await host.untilPlugin('fragile', 'backoff');
    // what the console asks for once: it must be there by then
    await host.waitFor('the report of the crash', async () => {
      const { items } = await host.json<{ items: readonly unknown[] }>('/api/plugins/fragile/crashes');
      return items.length > 0;
    });
    await Promise.all([untilLogged(host, 'backup', 'Backup failed'), untilLogged(host, 'backup', 'plain text')]);
    await Promise.all([host.untilPlugin('idle', 'disabled'), host.untilPlugin('not-a-plugin', 'invalid')]);
    cookie = await host.adminCookie();
  });
  afterAll(() => stage.close());

  it(
    '[MGR-1] [MGR-3] [MGR-4] [MGR-5] [NAV-2] is accessible on every page of a desktop and of a phone',
    async () => {
      const visit = await Visit.open(browser, host, { cookie });
      const violations: Record<string, readonly string[]> = {};
      const look = async (picture: string, rules: readonly string[] | undefined): Promise<void> => {
        await visit.page.screenshot({ path: path.join(DIRECTORY, `${picture}.png`), animations: 'disabled' });
        const found = await visit.accessibilityViolations(rules);
        if (found.length > 0) violations[picture] = found;
      };
      for (const { name, show, onDark, onPhone } of PAGES) {
        await visit.page.setViewportSize(VIEWPORTS.desktop);
        await visit.page.emulateMedia({ colorScheme: 'light' });
        await show(visit);
        await look(`${name}-desktop-light`, undefined);
        await visit.page.emulateMedia({ colorScheme: 'dark' });
        await onDark?.(visit);
        await look(`${name}-desktop-dark`, COLOUR_RULES);
        await visit.page.setViewportSize(VIEWPORTS.phone);
        await onPhone?.(visit);
        await look(`${name}-phone-dark`, undefined);
        await visit.page.emulateMedia({ colorScheme: 'light' });
        await visit.page.screenshot({ path: path.join(DIRECTORY, `${name}-phone-light.png`), animations: 'disabled' });
        // no earlier: the page asks again now and then
        await visit.page.unrouteAll({ behavior: 'wait' });
      }
      expect(violations).toEqual({});
      expect(visit.problems.filter((each) => !each.includes('Cannot read properties of undefined'))).toEqual([]);
    },
    PAGES_TIMEOUT_MS,
  );
});
