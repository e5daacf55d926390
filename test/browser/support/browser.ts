import { chromium, type Browser } from 'playwright-core';

const EXECUTABLE = process.env['TORU_TEST_CHROMIUM'] ?? '/usr/bin/chromium';

/**
 * Nothing but what the page asks for: no updates, no first-run pages, no GPU that a test machine does not have. All pages of
 * one window share a process, each with a world of its own: starting one, and compiling all scripts in it, costs more than
 * most tests.
 */
const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-dev-shm-usage',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-default-apps',
  '--disable-extensions',
  '--disable-sync',
  '--metrics-recording-only',
  '--mute-audio',
  '--no-first-run',
  '--process-per-site',
];

/** Only a hang reaches it. */
const START_TIMEOUT_MS = 90_000;

/** A real Chromium. Whoever starts one closes it. */
export function startBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: EXECUTABLE, args: ARGUMENTS, timeout: START_TIMEOUT_MS });
}
