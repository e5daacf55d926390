import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { InstanceInfo } from '@toru/contracts';
import type { Browser } from 'playwright-core';
import { writeTinyPlugin } from '../fixtures/tiny-plugin';
import { installPlugin, type TestHost } from '../support/host';
import { Stage } from './support/stage';
import { Visit } from './support/visit';

const BACKUP = {
  id: 'backup',
  name: 'Backup',
  metadata: {
    ...{
      version: '1.0.0',
      author: 'Ada',
      description: 'Copies the databases.',
      homepage: 'https://example.org/backup',
    },
    http: { paths: [{ path: '/restore/*', first_byte_timeout_ms: 900_000 }] },
    settings_schema: {
      type: 'object',
      properties: {
        mail: { type: 'string', title: 'Report to', format: 'email' },
        token: { type: 'string', title: 'Access token', format: 'password' },
      },
      required: ['mail'],
    },
  },
};
const SECRET = 'seen by the plugin alone';

describe('the details of a plugin and its settings', () => {
  const stage = new Stage();
  let host: TestHost;
  let browser: Browser;
  let first: Visit;
  let visit: Visit;

  beforeAll(async () => {
    const env = { TORU_BACKOFF_BASE_MS: '100', TORU_BACKOFF_MAX_MS: '100', TORU_RESOURCE_INTERVAL_MS: '500' };
    [host, browser] = await stage.start({
      examples: true,
      plugins: { backup: { name: BACKUP.name, metadata: BACKUP.metadata } },
      env,
    });
    await Promise.all(['hello-node', 'backup'].map((id) => host.untilPlugin(id, 'running')));
    first = await Visit.open(browser, host, { cookie: await host.adminCookie() });
  });
  beforeEach(async () => {
    visit = await Visit.open(browser, host, { beside: first });
  });
  afterEach(async () => {
    await visit.closePage();
    expect(visit.problems).toEqual([]);
  });
  afterAll(() => stage.close());

  const fact = (name: string) => visit.page.locator('dl > div').filter({ hasText: name }).locator('dd');
  const button = (name: string | RegExp) => visit.page.getByRole('button', { name });

  it('[MGR-4] opens from the list, shows what is known of a plugin, and follows what happens to it', async () => {
    await visit.goto('/plugins');
    await visit.row('Backup').getByRole('link', { name: 'Backup' }).click();
    await visit.heading('Recent events').waitFor();
    const before = await host.plugin('backup');

    expect(await visit.path()).toBe('/plugin-manager/backup');
    expect(await fact('Process id').textContent()).toBe(String(before.pid));
    expect(await fact('Author').textContent()).toBe('Ada');
    await fact('Memory').filter({ hasText: 'MB' }).waitFor();

    await host.api('/plugins/backup/chaos/crash');
    await visit.page.getByRole('listitem').filter({ hasText: 'Crashed' }).first().waitFor();
    const again = await host.untilPlugin('backup', 'running');
    await fact('Process id')
      .filter({ hasText: String(again.pid) })
      .waitFor();
    expect(again.pid).not.toBe(before.pid);
  });

  it('[LIC-1] [LIC-3] [ID-1] a plugin that has failed for its licence runs once a key is entered', async () => {
    const does = `
if not os.environ.get('TORU_LICENSE_KEY'):
    print('There is no licence', file=sys.stderr)
    sys.exit(78)
serve()
`;
    writeTinyPlugin(host.directories.plugins, { id: 'sold', does, metadata: { name: 'Sold', license: 'required' } });
    await host.api('/api/plugins/rescan', { method: 'POST' });
    await host.api('/api/plugins/sold/enable', { method: 'POST' });
    await visit.goto('/plugin-manager/sold');
    await button('Enter licence key').click();
    await visit.page.getByText('Sold refuses to run because of its licence.').waitFor();
    const { instance_id: instance } = await host.json<InstanceInfo>('/api/instance');
    await visit.page.getByText(instance, { exact: true }).waitFor();
    await visit.page.getByRole('textbox', { name: 'Customer' }).fill('Ada Ltd');
    const [download] = await Promise.all([visit.page.waitForEvent('download'), button(/Download licence/).click()]);
    expect(download.suggestedFilename()).toBe('sold.licence-request.json');
    expect(JSON.parse(readFileSync(await download.path(), 'utf8'))).toMatchObject({
      ...{ toru_licence_request: 1, plugin: 'sold', instance, customer: 'Ada Ltd', version: '1' },
    });

    await visit.page.getByRole('textbox', { name: 'Licence key' }).fill('A-KEY-OF-A-FORM-OF-ITS-OWN-0042');
    await button('Use this key').click();
    await visit.toast.filter({ hasText: 'is started again' }).waitFor();
    await visit.page.getByText('A-KE…0042').waitFor();
    await button('Close').first().click();
    await visit.page.getByText('Licence key changed').waitFor();
    await host.untilPlugin('sold', 'running');
  });

  it('[MGR-4] [SUP-8] goes back to the version before, once that is confirmed', async () => {
    installPlugin(host, { ...BACKUP, metadata: { ...BACKUP.metadata, version: '1.1.0' } });
    await host.api('/api/plugins/rescan', { method: 'POST' });
    await host.waitFor('version 1.1.0', async () => (await host.plugin('backup')).running_version === '1.1.0');
    await visit.goto('/plugin-manager/backup');
    await button(/^Go back to this version: 1\.0\.0/).click();
    await visit.page.getByRole('alertdialog').getByRole('button', { name: 'Go back' }).click();
    await visit.toast.filter({ hasText: '1.0.0' }).waitFor();

    expect(await host.plugin('backup')).toMatchObject({ running_version: '1.0.0', version: '1.1.0' });
    await fact('Running version').filter({ hasText: '1.0.0' }).waitFor();
  });

  it('[MGR-4] [SUP-8] a plugin whose file was replaced by a text goes on, and both pages say so until it is mended', async () => {
    const { pid } = await host.plugin('hello-node');
    const file = path.join(host.directories.plugins, 'hello-node.binary');
    const kept = `${file}.kept`;
    renameSync(file, kept);
    writeFileSync(file, 'This is no plugin.\n', { mode: 0o755 });
    await host.api('/api/plugins/rescan', { method: 'POST' });
    await visit.goto('/plugins');
    await visit.row('Hello Node').filter({ hasText: 'Its file cannot be used' }).waitFor();
    await visit.row('Hello Node').getByRole('link', { name: 'Hello Node' }).click();
    const strip = visit.page.getByRole('status').filter({ hasText: 'Its file cannot be used as it is now' });
    await strip.filter({ hasText: 'Mend hello-node.binary' }).waitFor();
    expect(await host.plugin('hello-node')).toMatchObject({ status: 'running', pid });

    renameSync(kept, file);
    await host.api('/api/plugins/rescan', { method: 'POST' });
    await strip.waitFor({ state: 'detached' });
    expect(await host.plugin('hello-node')).toMatchObject({ status: 'running', pid, file_problem: null });
  });

  it('[MGR-5] [PRO-4] sets limits of a plugin, says at the field what the host refuses, and tells what is in force', async () => {
    await visit.goto('/plugin-manager/backup');
    await button('Limits').click();
    await visit.page.getByRole('textbox', { name: 'Requests at once' }).fill('5000');
    await button('Set limits for /restore/*').click();
    await visit.page.getByRole('group', { name: 'Rule 1' }).getByLabel('Longest body').fill('2 KiB');
    await button('Save').click();
    await visit.page.getByText('It must be a whole number from 1 to 1024.').waitFor();
    await visit.page.getByRole('textbox', { name: 'Requests at once' }).fill('5');
    await button('Save').click();
    await visit.toast.filter({ hasText: 'hold from the next request on' }).waitFor();
    await visit.page.getByText('Requests at once, single paths').waitFor();

    expect(await host.json('/api/plugins/backup/limits')).toMatchObject({
      set: { concurrency: 5, paths: [{ path: '/restore/*', max_body_bytes: 2048 }] },
    });
    expect((await host.api('/plugins/backup/restore/x', { method: 'POST', body: 'x'.repeat(2049) })).status).toBe(413);
    await button('Limits').click();
    await button('Reset all').click();
    await button('Save').click();
    await visit.page.getByText('None is set any more').waitFor();
  });

  it('[MGR-5] brings a change to the plugin at once', async () => {
    await visit.goto('/');
    await visit.sidebar.getByRole('link', { name: 'Settings' }).click();
    await visit.page.getByRole('textbox', { name: 'Greeting' }).fill('Good evening');
    await button('Save the settings of Hello Node').click();
    await visit.toast.filter({ hasText: 'works with them already' }).waitFor();
    await visit.entry('Hello Node').click();
    await visit.heading(/Good evening/).waitFor();
  });

  it('[MGR-5] says at the field what is refused, keeps secrets to itself, and restarts where that is needed', async () => {
    await visit.goto('/settings?plugin=backup');
    const mail = visit.page.getByRole('textbox', { name: 'Report to' });
    await mail.fill('nobody');
    await button('Set Access token').click();
    await visit.page.getByRole('group', { name: 'Access token' }).getByLabel('New value').fill(SECRET);
    await button('Save the settings of Backup').click();
    await visit.page.getByText('It must be an e-mail address.').waitFor();

    await mail.fill('ada@example.org');
    const { pid } = await host.plugin('backup');
    await button('Save the settings of Backup').click();
    await visit.toast.getByRole('button', { name: 'Restart' }).click();
    await visit.toast.filter({ hasText: 'restarted' }).waitFor();
    expect((await host.plugin('backup')).pid).not.toBe(pid);
    await button('Replace Access token').waitFor();
    expect(await visit.page.content()).not.toContain(SECRET);

    await mail.fill('somebody@example.org');
    await visit.sidebar.getByRole('link', { name: 'Plugin Manager' }).click();
    await visit.page.getByRole('alertdialog').getByRole('button', { name: 'Cancel' }).click();
    expect(await visit.path()).toBe('/settings?plugin=backup');
  });
});
