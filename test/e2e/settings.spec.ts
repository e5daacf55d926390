import { spawn } from 'node:child_process';
import { chownSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import path from 'node:path';
import { waitFor } from '../support/wait-for';

const MAIN = process.env['TORU_TEST_SERVER'] ?? path.resolve(import.meta.dirname, '../../dist/apps/server/main.js');
const CONFIGURATION_ERROR = 78;
const NOBODY = 65_534;

interface Run {
  readonly code: number | null;
  readonly output: string;
}

/** What a process does with settings that are refused; each rule by itself is tried in load-configuration.spec.ts. */
describe('settings', () => {
  let root: string;

  beforeEach(() => {
    root = mkdtempSync('/tmp/toru-set-');
  });
  afterEach(() => {
    rmSync(root, { recursive: true, force: true });
  });

  const directories = (): Record<string, string> => ({
    ...{ TORU_PORT: '0', TORU_PLUGINS_DIR: path.join(root, 'plugins'), TORU_DATA_DIR: path.join(root, 'data') },
    ...{
      TORU_RUN_DIR: path.join(root, 'run'),
      TORU_LOG_DIR: path.join(root, 'log'),
      ADMIN_PASSWORD: 'a good password',
    },
  });

  /** Runs a host until it ends, or until it has printed something that is waited for: then it is ended. */
  async function run(env: Record<string, string>, { until, uid }: { until?: RegExp; uid?: number } = {}): Promise<Run> {
    const child = spawn(process.execPath, [MAIN], {
      ...{
        cwd: root,
        stdio: ['ignore', 'pipe', 'pipe'],
        env: { PATH: process.env['PATH'] ?? '', ...directories(), ...env },
      },
      ...(uid === undefined ? {} : { uid, gid: uid }),
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
    const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
    try {
      if (until === undefined) {
        await waitFor('the host to end', () => child.exitCode !== null || child.signalCode !== null, {
          context: () => output,
        });
      } else {
        await waitFor(String(until), () => until.test(output) || child.exitCode !== null, { context: () => output });
      }
    } finally {
      child.kill(until === undefined ? 'SIGKILL' : 'SIGTERM');
    }
    return { code: await ended, output };
  }

  it('malformed settings stop the start, all of them listed, none of their values printed', async () => {
    const { code, output } = await run({
      ...{ TORU_PORT: '70000', TORU_HOST: 'no host', TORU_LOG_LEVEL: 'loud', TORU_MAX_CRASHES: '-1' },
      ...{ ADMIN_PASSWORD: 'short-1', ADMIN_USERNAME: 'a b', DATABASE_URL: 'mysql://u:hidden@h/d', TORU_PROT: '1' },
      ...{ TORU_PUBLIC_URL: 'https://toru.example/path', TORU_ENABLE_NEW_PLUGINS: 'perhaps' },
    });

    expect(code).toBe(CONFIGURATION_ERROR);
    for (const name of [
      ...['TORU_PORT', 'TORU_HOST', 'TORU_LOG_LEVEL', 'TORU_MAX_CRASHES', 'ADMIN_PASSWORD', 'ADMIN_USERNAME'],
      ...['DATABASE_URL', 'TORU_PROT', 'TORU_PUBLIC_URL', 'TORU_ENABLE_NEW_PLUGINS'],
    ]) {
      expect(output).toMatch(new RegExp(`^ +- ${name} `, 'm'));
    }
    expect(output).toContain('did you mean TORU_PORT');
    for (const value of ['70000', 'short-1', 'hidden', 'perhaps']) expect(output).not.toContain(value);
    expect(readdirSync(root)).toEqual([]);
  });

  it('[OBS-4] faults 6: directories that cannot be used stop the start, all of them listed', async () => {
    const file = path.join(root, 'a-file');
    const below = path.join(file, 'x', 'y');
    writeFileSync(file, '');
    const { code, output } = await run({
      ...{ TORU_LOG_DIR: below, TORU_DATA_DIR: file, TORU_PLUGINS_DIR: below },
      TORU_RUN_DIR: path.join(root, 'r'.repeat(100)),
    });

    expect(code).toBe(CONFIGURATION_ERROR);
    for (const name of ['TORU_LOG_DIR', 'TORU_DATA_DIR', 'TORU_PLUGINS_DIR', 'TORU_RUN_DIR']) {
      expect(output).toMatch(new RegExp(`^ +- ${name}`, 'm'));
    }
    expect(output).toMatch(/TORU_RUN_DIR.*too long.*107/);
    expect(output).toContain('TORU_LOG_DIR and TORU_PLUGINS_DIR are the same directory');
    expect(output).not.toMatch(/\bat .*\.js/);
  });

  it('a database that cannot be reached: one clear line, without the password', async () => {
    const { code, output } = await run({ DATABASE_URL: 'postgresql://toru:open%20sesame@127.0.0.1:1/steering' });

    expect(code).toBe(1);
    expect(output.trim().split('\n')).toEqual([
      expect.stringMatching(/DATABASE_URL: PostgreSQL at .*, database steering,/),
    ]);
    expect(output).not.toMatch(/open.{1,3}sesame/);
  });

  it('[OBS-4] a start that fails loses no first password; the next one shows it, and which directory stands in for the default of the logs', async () => {
    // whoever runs the tests may be root, who may write anywhere
    const uid = process.getuid?.() === 0 ? NOBODY : undefined;
    if (uid !== undefined) chownSync(root, uid, uid);
    const user = uid === undefined ? {} : { uid };
    const env = { TORU_LOG_DIR: '', ADMIN_PASSWORD: '' };
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as AddressInfo;
    const { code, output } = await run({ ...env, TORU_PORT: String(port) }, user);
    other.close();

    expect(code).toBe(1);
    expect(output.trim().split('\n')).toEqual([
      expect.stringMatching(/^The host could not start: port \d+ of 127\.0\.0\.1 is in use .* set TORU_PORT/),
    ]);
    const next = await run(env, { ...user, until: /Note.*\n/ });
    expect(next.output).toMatch(/Sign in {2}admin \/ [a-z2-9-]{23} /);
    const notes = next.output.split('\n').filter((line) => line.includes('/var/log/toru'));
    expect(notes).toEqual([
      expect.stringContaining(`/var/log/toru cannot be written, so the logs are in ${root}/logs`),
    ]);
    expect(readdirSync(path.join(root, 'logs'))).toContain('host.log');
  });
});
