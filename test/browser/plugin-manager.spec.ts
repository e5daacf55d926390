import type { Browser } from 'playwright-core';
import type { TestHost } from '../support/host';
import { Stage } from './support/stage';
import { untilLogged } from './support/until-logged';
import { Visit } from './support/visit';

const VIEWER = { username: 'vera', password: 'sees and uses plugins' };

describe('the Plugin Manager', () => {
  const stage = new Stage();
  let host: TestHost;
  let browser: Browser;
  let first: Visit;
  let visit: Visit;

  beforeAll(async () => {
    [host, browser] = await stage.start({
      examples: true,
      plugins: { broken: { behaviour: 'metadata-exits' }, idle: { name: 'Idle', enabled: false } },
    });
    await Promise.all(['hello-python', 'hello-node'].map((id) => host.untilPlugin(id, 'running')));
    await Promise.all([host.untilPlugin('broken', 'invalid'), host.untilPlugin('idle', 'disabled')]);
    first = await Visit.open(browser, host, { cookie: await host.adminCookie() });
  });
  beforeEach(async () => {
    visit = await Visit.open(browser, host, { beside: first });
    await visit.goto('/plugins');
  });
  afterEach(async () => {
    await visit.closePage();
    expect(visit.problems).toEqual([]);
  });
  afterAll(() => stage.close());

  it('[MGR-1] lists every installed plugin with version, status and health, the invalid one with its reason', async () => {
    await visit.row('Hello Node').waitFor();

    expect(await visit.page.getByRole('row').count()).toBe(1 + 4);
    expect(await visit.row('Hello Python').textContent()).toMatch(/1\.0\.0.*Running.*Healthy/);
    expect(await visit.row('Idle').textContent()).toMatch(/1\.0\.0.*Disabled.*Not running/);
    const broken = visit.row('broken');
    expect(await broken.textContent()).toContain('Invalid');
    expect(await broken.textContent()).toContain((await host.plugin('broken')).reason);
    expect(await broken.getByRole('switch').getAttribute('aria-disabled')).toBe('true');
  });

  it('[NAV-1] shows the enabled plugins alone in the sidebar, with icon, name and a green dot', async () => {
    const entry = visit.entry('Hello Node');
    await entry.locator('[data-tone=ok]').waitFor();

    expect(await entry.textContent()).toContain('🟢');
    expect(await entry.textContent()).toContain('Healthy');
    expect(await visit.entry('Hello Python').count()).toBe(1);
    expect(await visit.entry('Idle').count()).toBe(0);
    expect(await visit.entry('broken').count()).toBe(0);
  });

  it('[MGR-2] [LIF-1] [LIF-2] [NAV-1] disables and enables a plugin, says so, and the sidebar follows', async () => {
    const toggle = visit.row('Hello Python').getByRole('switch');
    await visit.entry('Hello Python').waitFor();
    await toggle.click();
    await visit.toast.filter({ hasText: /Hello Python.*disabled/ }).waitFor();
    await visit.entry('Hello Python').waitFor({ state: 'detached' });
    expect(await visit.row('Hello Python').textContent()).toContain('Disabled');
    expect((await host.plugin('hello-python')).pid).toBeNull();

    await toggle.click();
    await visit.toast.filter({ hasText: 'enabled' }).waitFor();
    await visit.entry('Hello Python').locator('[data-tone=ok]').waitFor();
    expect(await toggle.getAttribute('aria-checked')).toBe('true');
    expect((await host.plugin('hello-python')).status).toBe('running');
  });

  it('[NAV-1] follows what somebody else does, without a reload', async () => {
    await visit.row('Idle').waitFor();
    await host.enable('idle');
    await visit.entry('Idle').locator('[data-tone=ok]').waitFor();

    await host.disable('idle');
    await visit.entry('Idle').waitFor({ state: 'detached' });
  });

  it('[MGR-3] shows the lines of a plugin, by level and by text, and those of the supervisor', async () => {
    for (const [stream, body] of [
      ['stdout', 'all is well\n'],
      ['stdout', '{"level":"warn","message":"the disk is nearly full","free_bytes":12}\n'],
    ] as const) {
      await host.enable('idle');
      await host.json(`/plugins/idle/log/${stream}`, { method: 'POST', body });
    }
    await Promise.all(['all is well', 'the disk is nearly full'].map((text) => untilLogged(host, 'idle', text)));
    await untilLogged(host, 'idle', 'spawn', 'supervisor');
    await visit.row('Idle').getByRole('button', { name: 'View logs of Idle' }).click();
    const dialog = visit.page.getByRole('dialog');
    const lines = dialog.getByRole('listitem');
    await lines.filter({ hasText: 'all is well' }).waitFor();

    await dialog.getByRole('combobox', { name: 'Level' }).click();
    await visit.page.getByRole('option', { name: 'warn and above' }).click();
    await lines.filter({ hasText: 'all is well' }).waitFor({ state: 'detached' });
    await lines.filter({ hasText: 'the disk is nearly full' }).getByRole('button').click();
    expect(await lines.locator('pre').textContent()).toContain('"free_bytes": 12');

    await dialog.getByLabel('Search text').fill('nowhere to be found');
    await visit.heading('No line matches').waitFor();
    await dialog.getByRole('button', { name: 'Show all lines' }).click();
    await lines.filter({ hasText: 'all is well' }).waitFor();

    await dialog.getByRole('radio', { name: 'Supervisor' }).click();
    await lines.filter({ hasText: 'spawn' }).first().waitFor();
    await visit.page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    await host.disable('idle');
  });

  it('[MGR-2] [RTE-5] lets a viewer look and not switch', async () => {
    await host.api('/api/users', { method: 'POST', json: { ...VIEWER, role: 'viewer' } });
    const signIn = async (cookie: string): Promise<void> => {
      const [name, value] = cookie.split('=', 2) as [string, string];
      await visit.page.context().addCookies([{ name, value, url: host.url }]);
    };
    await signIn(await host.signIn(VIEWER.username, VIEWER.password));
    try {
      await visit.goto('/plugins');
      await visit.row('Hello Node').waitFor();
      const switches = await visit.page.getByRole('switch').all();
      expect(await Promise.all(switches.map((each) => each.getAttribute('aria-disabled')))).toEqual(
        Array(4).fill('true'),
      );
      await switches[0]?.click({ force: true });
      expect(await visit.anyToast.count()).toBe(0);

      await visit.entry('Hello Node').click();
      await visit.heading(/Hello from Node/).waitFor();
    } finally {
      await signIn(await host.adminCookie());
    }
  });
});
