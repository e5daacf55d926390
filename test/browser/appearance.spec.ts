import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Browser } from 'playwright-core';
import type { TestHost } from '../support/host';
import { PAGES } from './support/pages';
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
