import type { Browser } from 'playwright-core';
import type { PluginOptions, TestHost } from '../support/host';
import { Stage } from './support/stage';
import { Visit } from './support/visit';

const register = (id: string, members: string): string =>
  `(window.ToruPlugins ??= {})[${JSON.stringify(id)}] = { ${members} };`;

/** Bundles that misbehave (faults 25), by the id of their plugin. */
const BUNDLES = {
  'throws-at-once': `throw new Error('the bundle is broken');`,
  'syntax-error': `const = 'no JavaScript';`,
  'registers-nothing': `window.somethingElse = true;`,
  'exports-nothing': `export const answer = 42;`,
  'mount-throws': register('mount-throws', `mount() { throw new Error('mount is broken'); }`),
  'mount-rejects': `export const mount = async () => { throw 'a text, not an Error'; };`,
  'throws-an-oddity': register('throws-an-oddity', `mount() { throw { toString() { throw 1; } }; }`),
  'never-settles': register(
    'never-settles',
    `mount(container) { container.textContent = 'waiting for ever'; return new Promise(() => {}); },
     unmount() { window.unmountedLate = true; }`,
  ),
  'unmount-throws': register(
    'unmount-throws',
    `mount(container) { container.textContent = 'it is mounted'; }, unmount() { throw new Error('unmount is broken'); }`,
  ),
  'replaces-functions':
    `const { fetch, setTimeout } = window;
     window.fetch = (...all) => fetch(...all);
     window.setTimeout = (...all) => setTimeout(...all);
     console.error = console.warn = () => { throw new Error('the console is patched'); };
     String.prototype.shout = function () { return this.toUpperCase() + '!'; };` +
    register('replaces-functions', `mount(container) { container.textContent = 'it is mounted'.shout(); }`),
  'breaks-timers':
    `window.timersAreBroken = true;
     window.setTimeout = window.setInterval = () => { throw new Error('no timers any more'); };` +
    register('breaks-timers', `mount(container) { container.textContent = 'it is mounted'; }`),
  'runs-away': register(
    'runs-away',
    `mount(container) {
       container.innerHTML = '<img src="/nowhere.png" onerror="window.pwned = true">';
       const script = document.createElement('script');
       script.textContent = 'window.pwned = true';
       container.append(script);
       setInterval(() => { throw new Error('a timer that nobody stops'); }, 20);
     }`,
  ),
} as const;

describe('[FE-3] bundles that misbehave', () => {
  const stage = new Stage();
  let host: TestHost;
  let browser: Browser;
  let first: Visit;
  let visit: Visit;

  beforeAll(async () => {
    const plugins = Object.fromEntries(
      Object.entries(BUNDLES).map(([id, bundle]): [string, PluginOptions] => [id, { bundle }]),
    );
    [host, browser] = await stage.start({ plugins: { ...plugins, good: {} } });
    await Promise.all([...Object.keys(plugins), 'good'].map((id) => host.untilPlugin(id, 'running')));
    first = await Visit.open(browser, host, { cookie: await host.adminCookie() });
  });
  // a page of its own for each: none can break what another one runs in
  beforeEach(async () => {
    visit = await Visit.open(browser, host, { beside: first });
  });
  afterEach(() => visit.closePage());
  afterAll(() => stage.close());

  /** The rest of the console still does its work: another plugin's page, the manager, its switches. */
  async function expectShellWorks(): Promise<void> {
    await visit.entry('good').click();
    await visit.page.getByText('good is mounted').waitFor();
    await visit.sidebar.getByRole('link', { name: 'Plugin Manager' }).click();
    await visit.row('good').getByRole('switch').waitFor();
    expect(await visit.page.getByRole('row').count()).toBe(1 + Object.keys(BUNDLES).length + 1);
  }

  it.each([
    ['throws-at-once', 'The page could not be loaded', 'the bundle is broken'],
    ['syntax-error', 'The page could not be loaded', 'SyntaxError'],
    ['registers-nothing', 'The page could not be loaded', 'registers no page'],
    ['exports-nothing', 'The page could not be loaded', 'registers no page'],
    ['mount-throws', 'The page could not be opened', 'mount is broken'],
    ['mount-rejects', 'The page could not be opened', 'a text, not an Error'],
    ['throws-an-oddity', 'The page could not be opened', 'The plugin gave no readable reason.'],
  ])('[FE-3] shows why %s has no page and how to its logs, and goes on', async (id, heading, reason) => {
    await visit.goto(`/plugins/${id}`);
    await visit.heading(heading).waitFor();
    await visit.page.getByRole('alert').filter({ hasText: reason }).waitFor();
    await visit.page.getByRole('button', { name: 'Try again' }).click();
    await visit.heading(heading).waitFor();

    await visit.page.getByRole('button', { name: 'View logs' }).click();
    await visit.heading(`Logs of ${id}`).waitFor();
    await visit.page.keyboard.press('Escape');
    await expectShellWorks();
    // What the bundle itself throws while it runs is the browser's to report as well.
    expect(visit.problems.filter((each) => !each.includes(reason))).toEqual([]);
  });

  it('[FE-3] gives up on a mount that never settles, and calls its unmount', async () => {
    // the clock is one of all pages that share a session
    visit = await Visit.open(browser, host, { cookie: await host.adminCookie() });
    await visit.page.clock.install();
    await visit.goto('/plugins/never-settles');
    await visit.page.getByText('waiting for ever').waitFor();
    await visit.page.clock.fastForward('00:11');
    await visit.heading('The page could not be opened').waitFor();
    await visit.page.getByRole('alert').filter({ hasText: 'not ready within 10 seconds' }).waitFor();
    await host.waitFor('the late unmount', () => visit.page.evaluate(() => 'unmountedLate' in globalThis));
    await visit.page.clock.resume();
    await expectShellWorks();
    expect(visit.problems).toEqual([]);
  });

  it('[FE-3] may be left before its mount settles', async () => {
    await visit.goto('/plugins/never-settles');
    await visit.page.getByText('waiting for ever').waitFor();
    await expectShellWorks();
    expect(visit.problems).toEqual([]);
  });

  it('[FE-3] goes on after an unmount that throws', async () => {
    await visit.goto('/plugins/unmount-throws');
    await visit.page.getByText('it is mounted').waitFor();
    await expectShellWorks();
    expect(await visit.page.getByText('it is mounted').count()).toBe(0);
    expect(visit.problems).toEqual([]);
  });

  it('[FE-3] runs no script that a page brings along in its markup, and outlives timers that throw', async () => {
    await visit.goto('/plugins/runs-away');
    await host.waitFor('the policy to refuse', () =>
      visit.problems.some((each) => each.includes('Content Security Policy')),
    );
    await expectShellWorks();
    expect(await visit.page.evaluate(() => 'pwned' in globalThis)).toBe(false);
    expect(await visit.anyToast.count()).toBe(0);
  });

  it('[FE-3] goes on after a bundle that replaces functions of the page', async () => {
    await visit.goto('/plugins/replaces-functions');
    await visit.page.getByText('IT IS MOUNTED!').waitFor();
    await expectShellWorks();
    expect(visit.problems).toEqual([]);
  });

  it('[FE-3] is back after a reload when a bundle took away what every page needs', async () => {
    await visit.goto('/plugins/breaks-timers');
    await host.waitFor('the bundle to run', () => visit.page.evaluate(() => 'timersAreBroken' in globalThis));
    await visit.goto('/plugins/good');
    await visit.page.getByText('good is mounted').waitFor();
    await expectShellWorks();
  });
});
