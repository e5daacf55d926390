import type { Browser } from 'playwright-core';
import type { TestHost } from '../support/host';
import { Stage } from './support/stage';
import { untilLogged } from './support/until-logged';
import { Visit } from './support/visit';

/** The longest there may be: a plugin that has crashed is to be looked at, however slow the machine. */
const BACKOFF_MS = 3_600_000;

describe('the pages of plugins', () => {
  const stage = new Stage();
  let host: TestHost;
  let browser: Browser;
  let first: Visit;
  let visit: Visit;

  beforeAll(async () => {
    [host, browser] = await stage.start({
      examples: true,
      plugins: { fragile: {} },
      env: { TORU_BACKOFF_BASE_MS: String(BACKOFF_MS), TORU_BACKOFF_MAX_MS: String(BACKOFF_MS) },
    });
    await Promise.all(['hello-python', 'hello-node', 'fragile'].map((id) => host.untilPlugin(id, 'running')));
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

  const visits = async (): Promise<number> => {
    const shown = visit.page.getByTestId('visits').filter({ hasText: /^\d+$/ });
    return Number(await shown.textContent());
  };

  it.each([
    ['a classic script', 'hello-python', 'Hello Python', 'Hello from Python'],
    ['an ES module', 'hello-node', 'Hello Node', 'Hello from Node'],
  ])(
    '[FE-2] [FE-4] [KV-1] [KV-5] opens the page of %s, which counts and keeps its visits',
    async (_, id, name, heading) => {
      await visit.goto('/plugins');
      await visit.entry(name).click();
      await visit.heading(heading).waitFor();
      const first = await visits();

      await visit.page.getByRole('button', { name: 'Visit again' }).click();
      await host.waitFor('the next count', async () => (await visits()) === first + 1);
      const { instance_id } = await host.json<{ instance_id: string }>('/api/instance');
      expect(await visit.page.getByTestId('instance-id').textContent()).toBe(instance_id);

      await visit.page.reload();
      expect(await visits()).toBe(first + 2);
      expect(await visit.path()).toBe(`/plugins/${id}`);
      expect(await visit.page.title()).toContain(name);
    },
  );

  it('[FE-3] takes the page of a plugin away when it is left, and opens the next', async () => {
    await visit.goto('/plugins/hello-node');
    await visit.heading('Hello from Node').waitFor();
    const sheets = (): Promise<number> => visit.page.evaluate<number>('document.adoptedStyleSheets.length');
    const mounted = await sheets();

    await visit.entry('Hello Python').click();
    await visit.heading('Hello from Python').waitFor();
    expect(await visit.heading('Hello from Node').count()).toBe(0);
    expect(await sheets()).toBe(mounted);

    await visit.sidebar.getByRole('link', { name: 'Plugin Manager' }).click();
    await visit.heading('Plugin Manager').waitFor();
    await host.waitFor('the style sheet of the page to be gone', async () => (await sheets()) === mounted - 1);
  });

  it('[NAV-2] [SUP-2] shows a crashed plugin in red, with what is known about it and its logs', async () => {
    await visit.goto('/plugins');
    await visit.entry('fragile').locator('[data-tone=ok]').waitFor();
    const { pid } = await host.plugin('fragile');
    process.kill(Number(pid), 'SIGKILL');
    await untilLogged(host, 'fragile', 'SIGKILL', 'supervisor');

    await visit.entry('fragile').locator('[data-tone=error]').waitFor();
    await visit.entry('fragile').click();
    await visit.heading('fragile').waitFor();
    await visit.page.getByText(/^in \d+ s$/).waitFor();
    await visit.page.getByText('SIGKILL').first().waitFor();

    await visit.page.getByRole('radio', { name: 'Supervisor' }).click();
    await visit.logLines.filter({ hasText: 'SIGKILL' }).first().waitFor();
    await visit.entry('Hello Node').locator('[data-tone=ok]').waitFor();
  });

  it('[API-5] the API page lists what plugins publish, and sends their requests to them', async () => {
    const { page } = visit;
    await page.goto(`${host.url}/api/docs`);
    await page.getByText('/api/plugins/{id}/enable').waitFor();
    const choice = page.getByLabel('Select a definition');
    await choice.getByRole('option', { name: 'Hello Node (hello-node)' }).waitFor({ state: 'attached' });
    const [first, ...others] = await choice.getByRole('option').allTextContents();
    expect(first).toBe('Toru Steering Center');
    expect(others).not.toContain('Hello Python (hello-python)');

    await choice.selectOption('Hello Node (hello-node)');
    await page.getByText('/visits').first().click();
    await page.getByRole('button', { name: 'Try it out' }).click();
    const answered = page.waitForResponse(`${host.url}/api/plugins/route/hello-node/visits`);
    await page.getByRole('button', { name: 'Execute' }).click();
    expect((await answered).status()).toBe(200);
  });

  it('[RTE-4] says that there is no such plugin, and no such page', async () => {
    await visit.goto('/plugins/nobody');
    await visit.heading('There is no such plugin').waitFor();
    await visit.goto('/elsewhere');
    await host.waitFor('the title', async () => (await visit.page.title()).includes('Page not found'));
  });
});
