import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { startHost, type TestHost } from '../support/host';
import { hasCargo, newDirectory } from './build-plugins';

const available = hasCargo();
if (!available && process.env['CI'] !== 'true') {
  console.warn(
    'toru new --lang rust was NOT tested: there is no cargo here. Install Rust 1.88 or newer (https://rustup.rs).',
  );
}
// In CI a missing toolchain fails; on a machine of one's own it is told and left out.
const itWithCargo = available || process.env['CI'] === 'true' ? it : it.skip;

const ROOT = path.resolve(import.meta.dirname, '../..');
const TORU = path.join(ROOT, 'bin/toru');
/** The same folder each time, so that cargo replaces what it built there; inside of the checkout, which is a workspace. */
const RUST_PLUGINS = path.join(ROOT, 'target/new');
/** A first build of Rust downloads and compiles every dependency. */
const BUILD_TIMEOUT_MS = 1_800_000;
const TIMEOUT_MS = 600_000;
/** A process of its own for each of these, and the SDKs alone answer for them: plugins.spec.ts tries them. */
const SKIP = '--skip v2/refuse';
/** Only a plugin that hangs reaches it. */
const PATIENCE = '--timeout 30000 --grace 30000 --kill-delay 30000 --metadata-timeout 60000 --ready-timeout 60000';
/** The author's shell: this checkout is nowhere in it. */
const ENV = { PATH: process.env['PATH'], HOME: process.env['HOME'], PYTHONDONTWRITEBYTECODE: '1' };

interface Visit {
  readonly greeting: string;
  readonly last_visit: string | number | null;
}

/** Runs a command line in a folder; its output, and an error with all that it printed where its status is not 0. */
function shell(cwd: string, command: string, env: Readonly<Record<string, string>> = {}): string {
  const { status, stdout, stderr } = spawnSync(command, {
    cwd,
    shell: true,
    encoding: 'utf8',
    env: { ...ENV, ...env },
  });
  if (status !== 0) throw new Error(`${command} ended with status ${status}:\n${stdout}${stderr}`);
  return stdout;
}

/** Scaffolds a plugin, and gives the commands that the author is told to go on with. */
function scaffold(cwd: string, id: string, language: string): readonly string[] {
  const output = execFileSync(TORU, ['new', id, '--lang', language], { cwd, encoding: 'utf8' });
  return [...output.matchAll(/^ {2}(.+)$/gm)].map(([, line]) => line!);
}

describe('toru new', () => {
  let directory: string;
  /** The executable of each plugin that was built. */
  const built = new Map<string, string>();
  beforeAll(() => {
    directory = newDirectory();
  });
  afterAll(() => {
    rmSync(directory, { recursive: true, force: true });
  });

  it.each([
    ['ts', 'new-ts', `node ${ROOT}/test/support/check-types.mjs`],
    ['python', 'new-python', 'python3 -m unittest'],
  ])(
    '[LANG-2] [LANG-3] [LANG-4] --lang %s writes a plugin that conforms, built as its author is told',
    (language, id, test) => {
      const [enter, build, check, install, ...more] = scaffold(directory, id, language);
      const folder = path.join(directory, id);

      expect([enter, install, more]).toEqual([`cd ${id}`, expect.stringMatching(/^install -m 755 .*\/plugins\/$/), []]);
      shell(folder, test);
      shell(folder, build!);
      expect(shell(folder, `${check!} ${SKIP} ${PATIENCE}`)).toContain(' 0 failed');
      built.set(id, path.join(folder, `${id}.binary`));
    },
    TIMEOUT_MS,
  );

  itWithCargo(
    '[LANG-1] [LANG-4] --lang rust writes a plugin that conforms, with the crates that the SDK is tested with',
    () => {
      const folder = path.join(RUST_PLUGINS, 'new-rust');
      rmSync(folder, { recursive: true, force: true });
      mkdirSync(RUST_PLUGINS, { recursive: true });
      const [enter, build, check, install, ...more] = scaffold(RUST_PLUGINS, 'new-rust', 'rust');
      const target = path.join(ROOT, 'target');

      expect([enter, build, more]).toEqual(['cd new-rust', 'cargo build --release', []]);
      expect(install).toMatch(/^install -m 755 target\/release\/toru-new-rust .*\/plugins\/new-rust\.binary$/);
      // what the other tests have built of the same crates: neither the release nor with more for debuggers than theirs
      shell(folder, 'cargo build --quiet', { CARGO_TARGET_DIR: target, CARGO_PROFILE_DEV_DEBUG: 'line-tables-only' });
      const file = path.join(target, 'debug/toru-new-rust');
      expect(shell(folder, `${check!.replace('target/release/toru-new-rust', file)} ${SKIP} ${PATIENCE}`)).toContain(
        ' 0 failed',
      );
      built.set('new-rust', file);
    },
    BUILD_TIMEOUT_MS,
  );

  it('refuses a folder with something in it, and an id that no host would take', () => {
    for (const [id, reason] of [
      ['new-ts', /is there already/],
      ['Upper', /lower-case/],
      ['../up', /id must be/],
    ] as const) {
      const { status, stderr } = spawnSync(TORU, ['new', id, '--lang', 'ts'], { cwd: directory, encoding: 'utf8' });

      expect({ id, status }).toEqual({ id, status: 2 });
      expect(stderr).toMatch(reason);
    }
  });

  describe('in a host', () => {
    let host: TestHost;
    beforeAll(async () => {
      host = await startHost();
      for (const [id, file] of built) {
        const target = path.join(host.directories.plugins, `${id}.binary`);
        copyFileSync(file, target);
        chmodSync(target, 0o755);
      }
      await host.api('/api/plugins/rescan', { method: 'POST' });
    });
    afterAll(async () => {
      await (host as TestHost | undefined)?.dispose();
    });

    const cases = [
      ['LANG-3', 'new-ts', it],
      ['LANG-2', 'new-python', it],
      ['LANG-1', 'new-rust', itWithCargo],
    ] as const;
    for (const [rule, id, test] of cases) {
      test(`[${rule}] [KV-1] [FE-1] [MGR-5] ${id} is enabled, answers, stores, has its page and its setting`, async () => {
        await host.enable(id);
        const visit = (): Promise<Visit> => host.json<Visit>(`/api/plugins/route/${id}/visits`, { method: 'POST' });
        const page = await host.api(`/api/plugins/${id}/bundle.js`);

        expect(await visit()).toEqual({ greeting: 'Hello, admin!', last_visit: null });
        expect(new Date((await visit()).last_visit!).getTime()).toBeLessThanOrEqual(Date.now());
        expect(page.status).toBe(200);
        expect(page.headers.get('content-type')).toMatch(/^text\/javascript/);
        expect(await page.text()).toContain('export function mount');

        await host.json(`/api/plugins/${id}/settings`, { method: 'PATCH', json: { values: { greeting: 'Ahoj' } } });
        expect((await visit()).greeting).toBe('Ahoj, admin!');
      });
    }
  });
});
