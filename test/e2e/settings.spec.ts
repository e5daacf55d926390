import { spawn } from 'node:child_process';
import { chownSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import path from 'node:path';
import type { InstanceInfo } from '@toru/contracts';
import { startHost, type TestHost } from '../support/host';
import { waitFor } from '../support/wait-for';

const DIST = path.resolve(import.meta.dirname, '../../dist/apps/server');
const UUID_V4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const CONFIGURATION_ERROR = 78;
const NOBODY = 65_534;

interface Run {
  readonly code: number | null;
  readonly output: string;
}

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
    const child = spawn(process.execPath, [path.join(DIST, 'main.js')], {
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

  it('settings that contradict each other stop the start', async () => {
    const { code, output } = await run({ TORU_BACKOFF_BASE_MS: '5000', TORU_BACKOFF_MAX_MS: '1000' });

    expect(code).toBe(CONFIGURATION_ERROR);
    expect(output).toMatch(/TORU_BACKOFF_BASE_MS is larger than TORU_BACKOFF_MAX_MS/);
  });

  it('[OBS-4] directories that cannot be used stop the start, all of them listed', async () => {
    const file = path.join(root, 'a-file');
    writeFileSync(file, '');
    const { code, output } = await run({
      ...{ TORU_LOG_DIR: path.join(file, 'log'), TORU_DATA_DIR: file, TORU_PLUGINS_DIR: path.join(file, 'x', 'y') },
      TORU_RUN_DIR: path.join(root, 'r'.repeat(100)),
    });

    expect(code).toBe(CONFIGURATION_ERROR);
    for (const name of ['TORU_LOG_DIR', 'TORU_DATA_DIR', 'TORU_PLUGINS_DIR', 'TORU_RUN_DIR']) {
      expect(output).toMatch(new RegExp(`^ +- ${name}`, 'm'));
    }
    expect(output).not.toMatch(/\bat .*\.js/);
  });

  it('directories that are the same stop the start', async () => {
    const { code, output } = await run({ TORU_DATA_DIR: path.join(root, 'plugins') });

    expect(code).toBe(CONFIGURATION_ERROR);
    expect(output).toContain('TORU_DATA_DIR and TORU_PLUGINS_DIR are the same directory');
  });

  it.each([
    ['nobody listens there', 'postgresql://toru:open%20sesame@127.0.0.1:1/steering'],
    ['there is no such socket', 'postgresql://toru:open%20sesame@localhost/steering?host=/tmp/toru-no-such-directory'],
  ])('a database that cannot be reached: one clear line, without the password: %s', async (_, url) => {
    const { code, output } = await run({ DATABASE_URL: url });

    expect(code).toBe(1);
    expect(output.trim().split('\n')).toEqual([
      expect.stringMatching(/DATABASE_URL: PostgreSQL at .*, database steering,/),
    ]);
    expect(output).not.toMatch(/open.{1,3}sesame/);
  });

  it('the first password is not lost with a start that fails: the next one shows it', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as AddressInfo;
    const { code, output } = await run({ TORU_PORT: String(port), ADMIN_PASSWORD: '' });
    other.close();

    expect(code).toBe(1);
    expect(output.trim().split('\n')).toEqual([
      expect.stringMatching(/^The host could not start: port \d+ of 127\.0\.0\.1 is in use .* set TORU_PORT/),
    ]);
    expect((await run({ ADMIN_PASSWORD: '' }, { until: /Data/ })).output).toMatch(/Sign in {2}admin \/ [a-z2-9-]{23} /);
  });

  it('[OBS-4] where the default log directory cannot be written, a local one takes its place, in one clear line', async () => {
    // whoever runs the tests may be root, who may write anywhere
    const uid = process.getuid?.() === 0 ? NOBODY : undefined;
    if (uid !== undefined) chownSync(root, uid, uid);
    const { output } = await run({ TORU_LOG_DIR: '' }, { until: /Note.*\n/, ...(uid === undefined ? {} : { uid }) });

    const notes = output.split('\n').filter((line) => line.includes('/var/log/toru'));
    expect(notes).toEqual([
      expect.stringContaining(`/var/log/toru cannot be written, so the logs are in ${root}/logs`),
    ]);
    expect(readdirSync(path.join(root, 'logs'))).toContain('host.log');
  });
});

describe('the identity of the instance', () => {
  let host: TestHost;

  beforeAll(async () => {
    host = await startHost({ plugins: { alpha: {}, beta: {} } });
  });
  afterAll(() => host.dispose());

  const instance = async (): Promise<string> => (await host.json<InstanceInfo>('/api/instance')).instance_id;
  const initOf = (id: string): Promise<Record<string, string>> =>
    host.json<Record<string, string>>(`/plugins/${id}/init`);

  it('[ID-1] is a UUID of version 4, made at the first start and the same ever after', async () => {
    const first = await instance();
    expect(first).toMatch(UUID_V4);
    await host.restart();
    expect(await instance()).toBe(first);
    await host.kill();
    await host.start();
    expect(await instance()).toBe(first);
  });

  it('[ID-2] [PRO-2] every init carries it, with the socket and the log of the plugin', async () => {
    const id = await instance();
    for (const plugin of ['alpha', 'beta']) {
      await host.untilPlugin(plugin, 'running');
      expect(await initOf(plugin)).toMatchObject({
        ...{ instance_id: id, plugin_socket: expect.stringContaining(`${host.directories.run}/${plugin}-`) },
        log_path: path.join(host.directories.log, 'plugins', `${plugin}.log`),
      });
    }
    await host.disable('alpha');
    await host.enable('alpha');
    expect(await initOf('alpha')).toMatchObject({ instance_id: id });
  });

  it('[ID-1] another installation is another one', async () => {
    const other = await startHost();
    try {
      expect((await other.json<InstanceInfo>('/api/instance')).instance_id).not.toBe(await instance());
    } finally {
      await other.dispose();
    }
  });
});
