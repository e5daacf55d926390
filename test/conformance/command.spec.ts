import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { processesWith } from '../support/processes-with';
import { waitFor } from '../support/wait-for';

const ROOT = path.resolve(import.meta.dirname, '../..');
const TORU = path.join(ROOT, 'dist/apps/cli/main.js');
const PLUGIN = path.join(ROOT, 'test/fixtures/conformance/plugin.cjs');

/** Only a plugin that hangs reaches it. */
const PATIENCE = ['--timeout', '30000', '--metadata-timeout', '60000', '--ready-timeout', '60000'];

interface Run {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function toru(...args: readonly string[]): Promise<Run> & { readonly pid: number } {
  const child = spawn(process.execPath, [TORU, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (stdout += chunk));
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (stderr += chunk));
  const run = new Promise<Run>((resolve) => {
    child.once('close', (status) => {
      resolve({ status, stdout, stderr });
    });
  });
  return Object.assign(run, { pid: child.pid! });
}

describe('toru conformance', () => {
  let directory: string;
  beforeAll(() => {
    directory = mkdtempSync(path.join(tmpdir(), 'conf-c-'));
  });
  afterAll(() => {
    rmSync(directory, { recursive: true, force: true });
  });

  it('[LANG-4] says what was expected and what happened, one line each, and exits with 1', async () => {
    const junit = path.join(directory, 'report.xml');
    const args = ['--env', 'FAULT=status-text', '--only', 'v1/http,v1/methods', '--junit', junit];
    const { status, stdout, stderr } = await toru('conformance', PLUGIN, ...PATIENCE, ...args);

    expect(status).toBe(1);
    expect(stdout).toContain('  ✗ v1/http\n      expected: an http request gets an http answer');
    expect(stdout).toContain('      happened: The status of an answer must be a whole number from 200 to 599\n');
    expect(stdout).toMatch(/0 passed, 2 failed of 2, protocol 1, in [\d.]+ s/);
    expect(stdout).not.toContain('\x1b');
    // what it waits for is said where it takes long, as it may on a busy machine
    expect(stderr.replace(/^… v1\/.*\n/gm, '')).toBe('');
    expect(readFileSync(junit, 'utf8')).toContain('<testsuite name="v1" tests="2" failures="2" errors="0" skipped="0"');
  });

  it('[LANG-4] prints JSON and nothing else, and exits with 0 where a plugin conforms', async () => {
    const { status, stdout } = await toru(
      'conformance',
      PLUGIN,
      ...PATIENCE,
      '--json',
      '--only',
      'metadata',
      '--only',
      'v1/text-body',
    );

    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      ...{ schema_version: 1, executable: PLUGIN, plugin: 'broken', protocol: 1, strict: false, ok: true },
      summary: { passed: 7, failed: 0, warned: 0, skipped: 1 },
      checks: expect.arrayContaining([
        expect.objectContaining({ id: 'metadata/json', level: 'must', status: 'passed', happened: null }),
        expect.objectContaining({
          id: 'v1/text-body',
          status: 'skipped',
          happened: expect.stringContaining('--echo-path'),
        }),
      ]),
    });
  });

  it('[LANG-4] fails for what was skipped where it is strict, and shows the frames where it is verbose', async () => {
    const options = [...PATIENCE, '--only', 'metadata/json,v1/text-body', '--strict', '--verbose'];
    const strict = await toru('conformance', PLUGIN, ...options);
    const verbose = await toru('conformance', PLUGIN, ...PATIENCE, '--only', 'v1/http', '--verbose');

    expect(strict.status).toBe(1);
    expect(verbose.status).toBe(0);
    expect(verbose.stderr).toMatch(/^→ .*"method":"GET"/m);
    expect(verbose.stderr).toMatch(/^← .*"status":404/m);
  });

  it.each([
    [['conformance'], /which executable/],
    [['conformance', 'no-such-file'], /there is no file no-such-file/],
    [['conformance', 'package.json'], /chmod \+x/],
    [['conformance', PLUGIN, '--only', 'v3'], /no check begins so/],
    [['conformance', PLUGIN, '--timeout', 'soon'], /whole number of milliseconds/],
    [['conformance', PLUGIN, '--settings', '[]'], /not a JSON object/],
    [['no-such-command'], /unknown command/],
  ])('[LANG-4] toru %j is wrong usage', async (args, message) => {
    const { status, stdout, stderr } = await toru(...args);

    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(message);
    expect(stderr).toMatch(/^error: /);
  });

  it('[LANG-4] leaves no process when it is ended by a signal', async () => {
    const variable = `CONFORMANCE_TEST=${directory}`;
    const args = ['--env', 'FAULT=leaves-process-and-waits', '--env', variable, '--only', 'socket/created'];
    const run = toru('conformance', PLUGIN, ...PATIENCE, ...args, '--ready-timeout', '600000');
    await waitFor('the plugin and what it started', () => Promise.resolve(processesWith(variable).length >= 2));
    process.kill(run.pid, 'SIGTERM');

    expect((await run).status).toBe(143);
    await waitFor('the end of all of them', () => Promise.resolve(processesWith(variable).length === 0));
  });
});
