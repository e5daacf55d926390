import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Browser } from 'playwright-core';
import type { TestHost } from '../support/host';
import { Stage } from './support/stage';
import { Visit } from './support/visit';

const TORU = path.resolve(import.meta.dirname, '../../bin/toru');

/** All languages share one page: here the plugin is the one that is built soonest. */
describe('the page of a new plugin', () => {
  const stage = new Stage();
  let host: TestHost;
  let browser: Browser;
  let visit: Visit;

  beforeAll(async () => {
    const directory = mkdtempSync(path.join(tmpdir(), 'new-'));
    [host, browser] = await stage.start({});
    try {
      // the class of its style and the name in its page are made of the id
      execFileSync(TORU, ['new', '3d-view', '--lang', 'ts'], { cwd: directory });
      const output = path.join(host.directories.plugins, '3d-view.binary');
      execFileSync(TORU, ['build', '3d-view/main.ts', '-o', output], { cwd: directory });
    } finally {
      rmSync(directory, { recursive: true });
    }
    await host.api('/api/plugins/rescan', { method: 'POST' });
    await host.enable('3d-view');
    visit = await Visit.open(browser, host, { cookie: await host.adminCookie() });
  });
  afterAll(() => stage.close());

  it('[LANG-3] [FE-2] [FE-4] mounts, greets, remembers, and says what is wrong', async () => {
    await visit.goto('/plugins');
    await visit.entry('3d View').click();
    await visit.heading('🧩 3d View').waitFor();
    const status = visit.page.getByRole('status').filter({ hasText: 'Hello, admin!' });
    await status.filter({ hasText: 'Last visit: never.' }).waitFor();
    const padding = "getComputedStyle(document.querySelector('.plugin-3d-view')).padding";
    expect(await visit.page.evaluate<string>(padding)).toBe('24px');

    expect(await visit.accessibilityViolations()).toEqual([]);

    const again = visit.page.getByRole('button', { name: 'Visit again' });
    await again.click();
    await status.filter({ hasText: /Last visit: .*\d/ }).waitFor();

    await visit.page.route('**/visits', (route) => route.fulfill({ status: 502 }));
    await again.click();
    await visit.page.getByRole('alert').filter({ hasText: 'The plugin answered 502' }).waitFor();
    expect(visit.problems).toEqual([]);
  });
});
