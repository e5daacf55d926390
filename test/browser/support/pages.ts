import type { Visit } from './visit';

/** A page, or a state of one, and how it comes to be seen. */
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
 * Every page and state of the console that there is to look at, with the plugins that the spec puts there, in the order in
 * which one window shows them; each begins where the one before it ends.
 */
export const PAGES: readonly Page[] = [
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
