import type { Browser } from 'playwright-core';
import { startHost, type HostOptions, type TestHost } from '../../support/host';
import { startBrowser } from './browser';

/** What these cases look at is not what happens to a plugin that is slow; on a busy machine every one of them is. */
const PATIENCE = {
  TORU_READY_TIMEOUT_MS: '60000',
  TORU_PING_TIMEOUT_MS: '60000',
  TORU_UNHEALTHY_AFTER_CHECKS: '1000',
  TORU_RESTART_AFTER_CHECKS: '0',
};

/** The host and the browser that the cases of one file share. Nothing of them outlives `close`, whatever has failed. */
export class Stage {
  private host: Promise<TestHost> | undefined;
  private browser: Promise<Browser> | undefined;

  start(options: HostOptions): Promise<[TestHost, Browser]> {
    this.host = startHost({ ...options, env: { ...PATIENCE, ...options.env } });
    this.browser = startBrowser();
    return Promise.all([this.host, this.browser]);
  }

  /** For `afterAll`; rejects where one of the two does not end in order. */
  async close(): Promise<void> {
    // one that did not start is what `start` has told already
    const [host, browser] = await Promise.allSettled([this.host, this.browser]);
    await Promise.all([
      browser.status === 'fulfilled' ? browser.value?.close() : undefined,
      host.status === 'fulfilled' ? host.value?.dispose() : undefined,
    ]);
  }
}
