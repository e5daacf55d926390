import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import type { Browser, BrowserContext, BrowserContextOptions, Locator, Page } from 'playwright-core';
import type { TestHost } from '../../support/host';

const AXE = readFileSync(createRequire(path.resolve('package.json')).resolve('axe-core/axe.min.js'), 'utf8');
/** Only a hang reaches it. */
const ACTION_TIMEOUT_MS = 45_000;
/** What a toast has that stays. */
const KEPT = 'data-kept';
/**
 * A toast goes away by itself after some seconds, which a test on a busy machine may miss: here it stays until it is dismissed
 * or another one takes its place. Material has no switch for that, its timer is known by what it calls: a toast whose timer
 * was caught is marked, and `Visit.toast` finds no other. Runs in the page.
 */
const KEEP_TOASTS = `{
  const { setTimeout } = window;
  window.setTimeout = (run, ms, ...rest) => {
    const isOfToast = ms >= 5_000 && String(run).includes('this.dismiss()');
    if (!isOfToast) return setTimeout(run, ms, ...rest);
    for (const toast of document.querySelectorAll('toru-toast')) toast.setAttribute('${KEPT}', '');
    return 0;
  };
}`;
/** Resolves when nothing on the page moves or changes its colour any more, but for what does so for ever. Runs in the page. */
const UNTIL_STILL = `Promise.all(
  document.getAnimations()
    .filter((each) => each.playState === 'running' && Number.isFinite(each.effect?.getComputedTiming().endTime))
    .map((each) => each.finished.catch(() => undefined)),
).then(() => undefined)`;
/** The browser reports every answer of 400 and more as an error of the page, whoever expected it. */
const FAILED_ANSWER = /^Failed to load resource: the server responded with a status of \d+/;

export interface VisitOptions extends Pick<BrowserContextOptions, 'viewport' | 'colorScheme'> {
  /** Whose session the browser has, `name=value`; nobody's unless given. */
  readonly cookie?: string;
  /** A visit whose session, storage and cache this one has as well: what it has loaded is not loaded and compiled anew. */
  readonly beside?: Visit;
}

interface AxeViolation {
  readonly id: string;
  readonly nodes: readonly { readonly target: readonly string[]; readonly failureSummary?: string }[];
}

/** One browser window of its own on the console of a host, and everything that goes wrong in it. */
export class Visit {
  private readonly seen: string[] = [];

  private constructor(
    private readonly context: BrowserContext,
    readonly page: Page,
    private readonly host: TestHost,
  ) {
    page.on('console', (message) => {
      if (message.type() === 'error' && !FAILED_ANSWER.test(message.text())) this.seen.push(message.text());
    });
    page.on('pageerror', (error) => this.seen.push(String(error)));
    page.on('request', (request) => {
      if (new URL(request.url()).origin !== host.url && !request.url().startsWith('data:')) {
        this.seen.push(`asked ${request.url()}`);
      }
    });
  }

  static async open(
    browser: Browser,
    host: TestHost,
    { cookie, beside, ...options }: VisitOptions = {},
  ): Promise<Visit> {
    if (beside) {
      // one page of the host stays open, and with it the process in which its scripts were compiled
      if (beside.page.url() === 'about:blank') await beside.page.goto(`${host.url}/health/live`);
      return new Visit(beside.context, await beside.context.newPage(), host);
    }
    const context = await browser.newContext({
      viewport: { width: 1280, height: 800 },
      reducedMotion: 'reduce',
      ...options,
    });
    context.setDefaultTimeout(ACTION_TIMEOUT_MS);
    await context.addInitScript(KEEP_TOASTS);
    const [name, value] = cookie?.split('=', 2) ?? [];
    if (name !== undefined && value !== undefined) await context.addCookies([{ name, value, url: host.url }]);
    return new Visit(context, await context.newPage(), host);
  }

  /** Errors and security policy violations that the browser reported, and requests to other hosts. */
  get problems(): readonly string[] {
    return this.seen;
  }

  async close(): Promise<void> {
    await this.context.close();
  }

  /** Closes the page alone, and leaves what was opened beside it. */
  async closePage(): Promise<void> {
    await this.page.close();
  }

  /** Opens a page of the console, `/plugins/hello-node`, by its address. */
  async goto(path: string): Promise<void> {
    await this.page.goto(`${this.host.url}/console${path}`);
  }

  /** The path of the page that is shown, within the console. */
  async path(): Promise<string> {
    const address = await this.page.evaluate<string>('location.pathname + location.search');
    return address.replace(/^\/console/, '');
  }

  async signIn(username: string, password: string): Promise<void> {
    await this.page.getByLabel('User name').fill(username);
    await this.page.getByLabel('Password', { exact: true }).fill(password);
    await this.page.getByRole('button', { name: 'Sign in' }).click();
  }

  heading(name: string | RegExp): Locator {
    return this.page.getByRole('heading', { name });
  }

  get sidebar(): Locator {
    return this.page.getByRole('navigation', { name: 'Navigation' });
  }

  /** The entry of a plugin in the sidebar; its name carries its health. */
  entry(name: string): Locator {
    return this.sidebar.getByRole('link', { name });
  }

  /** The row of a plugin in the Plugin Manager. */
  row(name: string): Locator {
    return this.page.getByRole('row').filter({ hasText: name });
  }

  /** What a log viewer on the page shows. */
  get logLines(): Locator {
    return this.page.getByRole('region', { name: 'Log lines, newest first' }).getByRole('listitem');
  }

  /** The toast, once it stays. One that is never found although it is there: see `KEEP_TOASTS`. */
  get toast(): Locator {
    return this.page.locator(`toru-toast[${KEPT}]`);
  }

  /** Whatever toast there is, for a case in which there is none. */
  get anyToast(): Locator {
    return this.page.locator('toru-toast');
  }

  /** The toast once screen readers have it: Material shows it hidden from them, and moves it a moment later. */
  get announcedToast(): Locator {
    return this.page.locator(`[aria-live] toru-toast[${KEPT}]`);
  }

  /**
   * Goes to another page of the console as its links do, without loading all of it anew. For pages that do not depend on what
   * the console asks for when it is loaded.
   */
  async follow(path: string): Promise<void> {
    const address = JSON.stringify(`/console${path}`);
    await this.page.evaluate(`history.pushState(null, '', ${address}); dispatchEvent(new PopStateEvent('popstate'));`);
  }

  /**
   * What axe finds on the page as it is, one line each. A colour on its way to another one is none of those that are meant.
   *
   * @param rules those that are asked; all of them unless given
   */
  async accessibilityViolations(rules?: readonly string[]): Promise<readonly string[]> {
    if (!(await this.page.evaluate(() => 'axe' in globalThis))) await this.page.evaluate(AXE);
    await this.page.evaluate(UNTIL_STILL);
    const violations = await this.page.evaluate(async (only) => {
      const { axe } = globalThis as unknown as {
        axe: { run(options: object): Promise<{ violations: AxeViolation[] }> };
      };
      // describing all that passes would take as long as checking it
      const options = { resultTypes: ['violations'], ...(only ? { runOnly: only } : {}) };
      return (await axe.run(options)).violations;
    }, rules);
    return violations.flatMap(({ id, nodes }) =>
      nodes.map(({ target, failureSummary }) => `${id}: ${target.join(' ')} ${failureSummary ?? ''}`),
    );
  }
}
