import { execFile, execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { startHost, type TestHost } from '../support/host';
import { addToken } from '../support/users';

const TORU = path.resolve(import.meta.dirname, '../../dist/apps/cli/main.js');
const INSTANCE = '3f8e2a64-5b1c-4d7e-9a02-c6d41b7f0e58';
const OTHER = '3f8e2a64-5b1c-4d7e-9a02-c6d41b7f0e59';
const SECRET = 'test secret, for nothing but tests';

interface Run {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

let directory: string;

/** Runs the built command in the directory of the tests. */
function run(args: readonly string[], env: Readonly<Record<string, string>> = {}, input = ''): Promise<Run> {
  return new Promise((resolve) => {
    const options = { cwd: directory, env: { PATH: process.env['PATH'], ...env } };
    const child = execFile(process.execPath, [TORU, ...args], options, (error, stdout, stderr) => {
      resolve({ status: error === null ? 0 : Number(error.code), stdout, stderr });
    });
    child.stdin?.end(input);
  });
}
const toru = (...args: readonly string[]): Promise<Run> => run(args);
const withSecret = (...args: readonly string[]): Promise<Run> => run(args, { TORU_LICENSE_SECRET: SECRET });
const file = (name: string): string => path.join(directory, name);
const json = ({ stdout }: Run): unknown => JSON.parse(stdout);

beforeAll(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'toru-l-'));
});
afterAll(() => {
  rmSync(directory, { recursive: true, force: true });
});

describe('toru', () => {
  it('--version prints the version of the workspace', async () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };

    expect(await toru('--version')).toEqual({ status: 0, stdout: `${version}\n`, stderr: '' });
  });
});

describe('toru licence, first form', () => {
  it.each([
    ['licence', '2026-12-31', '2026-12-31T23:59:59Z', '2027-01-01T00:00:00Z'],
    ['license', 'never', '9999-12-31T23:59:59Z', undefined],
  ])('[LIC-4] toru %s issues for %s, and validates to the last second', async (command, expiry, last, next) => {
    const until = expiry === 'never' ? ['--never'] : ['--expiry', expiry];
    const key = (await withSecret(command, '--instance-id', INSTANCE, ...until)).stdout.trim();
    const validate = (...args: string[]): Promise<Run> => withSecret(command, '--validate', key, ...args);

    expect(Buffer.from(key, 'base64').toString()).toMatch(new RegExp(`^${INSTANCE}:${expiry}:[A-Za-z0-9+/]{43}=$`));
    expect(await validate('--instance-id', INSTANCE, '--at', last)).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/^valid\n/),
    });
    if (next === undefined) return;
    const ended = await validate('--instance-id', INSTANCE, '--at', next);
    expect(ended).toMatchObject({ status: 1, stdout: expect.stringMatching(/^not valid: expired: .*2026-12-31/) });
    const elsewhere = await validate('--instance-id', OTHER, '--at', next, '--json');
    expect([elsewhere.status, json(elsewhere)]).toMatchObject([1, { valid: false, reason: 'instance' }]);
  });

  it('[LIC-4] takes the secret from a file which nobody else may read', async () => {
    expect((await toru('licence', 'keygen', '--secret-file', 'secret.txt')).status).toBe(0);
    const issue = (): Promise<Run> =>
      toru('licence', 'issue', '--instance-id', INSTANCE, '--never', '--secret-file', 'secret.txt');
    const secret = readFileSync(file('secret.txt'), 'utf8').trim();
    const key = (await issue()).stdout.trim();

    expect((await run(['licence', 'verify', key], { TORU_LICENSE_SECRET: secret })).status).toBe(0);
    chmodSync(file('secret.txt'), 0o640);
    expect(await issue()).toMatchObject({
      ...{ status: 2, stdout: '' },
      stderr: 'error: secret.txt can be read by others than its owner (mode 0640): chmod 600 secret.txt\n',
    });
  });

  it('[LIC-4] says what is missing or wrong, with status 2', async () => {
    expect(await toru('licence', '--instance-id', INSTANCE, '--never')).toMatchObject({
      ...{ status: 2, stdout: '' },
      stderr: expect.stringMatching(/^error: which secret\? Set TORU_LICENSE_SECRET/),
    });
  });
});

describe('toru licence, second form', () => {
  let publicKey: string;
  beforeAll(async () => {
    const made = await toru('licence', 'keygen', '--key-file', 'vendor.pem', '--json');
    publicKey = (json(made) as { readonly public_key: string }).public_key;
  });

  it('[LIC-6] makes a key pair that is never overwritten by accident', async () => {
    const before = readFileSync(file('vendor.pem'), 'utf8');

    expect(statSync(file('vendor.pem')).mode & 0o777).toBe(0o600);
    expect(await toru('licence', 'keygen', '--key-file', 'vendor.pem')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('--force replaces it'),
    });
    expect(readFileSync(file('vendor.pem'), 'utf8')).toBe(before);
    expect(json(await toru('licence', 'keygen', '--public', '--key-file', 'vendor.pem', '--json'))).toMatchObject({
      public_key: publicKey,
      key_id: expect.stringMatching(/^[0-9a-f]{16}$/),
    });
    const [old, forced] = [file('old.pem'), ['licence', 'keygen', '--key-file', 'old.pem', '--force']];
    await toru(...forced);
    const first = readFileSync(old, 'utf8');
    await toru(...forced);
    expect(readFileSync(old, 'utf8')).not.toBe(first);
    expect(statSync(old).mode & 0o777).toBe(0o600);
  });

  it('[LIC-4] [LIC-6] answers a request, and the key holds for what was asked', async () => {
    const asked = ['--plugin', 'acme', '--customer', 'Žofie & Co', '--plugin-version', '2.1.0'];
    expect(
      (await toru('licence', 'request', ...asked, '--instance-id', INSTANCE, '--output', 'request.json')).status,
    ).toBe(0);
    const terms = ['--never', '--updates-until', '2027-06-30', '--feature', 'reports', '--feature', 'x'];
    const issue = ['licence', 'issue', '--key-file', 'vendor.pem', '--request'];
    const key = (await toru(...issue, 'request.json', ...terms, '--id', 'L-1')).stdout.trim();
    const verify = (...args: string[]): Promise<Run> =>
      run(['licence', 'verify', '-', '--public-key', publicKey, '--json', ...args], {}, `${key}\n`);

    const held = { plugin: 'acme', instance: INSTANCE, customer: 'Žofie & Co', id: 'L-1', features: ['reports', 'x'] };
    expect(json(await verify('--plugin', 'acme', '--instance-id', INSTANCE, '--released', '2027-06-30'))).toMatchObject(
      {
        valid: true,
        terms: { form: 'ed25519', ...held, expires: null, updates_until: '2027-06-30' },
      },
    );
    expect(json(await verify('--released', '2027-07-01'))).toMatchObject({ valid: false, reason: 'updates' });
    expect(json(await verify('--plugin', 'other'))).toMatchObject({ valid: false, reason: 'plugin' });
    expect(await toru('licence', 'inspect', key)).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/^not verified\n[^]*customer {7}Žofie & Co\n[^]*updates until {2}2027-06-30\n/),
    });
    expect((await toru('licence', 'inspect', 'TORU2.')).status).toBe(1);
    expect(await toru(...issue, 'request.json', '--never', '--plugin', 'other')).toMatchObject({
      status: 2,
      stderr: 'error: --plugin is "other", and the request says "acme": leave one of them out\n',
    });
    expect(await toru(...issue, 'vendor.pem', '--never')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('vendor.pem is not JSON'),
    });
  });

  it('[LIC-4] issues for a list as a whole or not at all', async () => {
    const list = (expires: string): string =>
      `instance_id,customer,expires,shop\n${INSTANCE},A,never,1\n${OTHER},B,${expires},2\n`;
    const batch = ['licence', 'issue', '--key-file', 'vendor.pem', '--plugin', 'acme', '--batch', 'list.csv'];
    writeFileSync(file('list.csv'), list('2026-02-30'));
    const refused = await toru(...batch, '--output', 'keys.csv');
    expect(refused).toMatchObject({
      status: 2,
      stdout: '',
      stderr: expect.stringMatching(/list\.csv: no key.*\n +line 3: expires/),
    });
    expect(readdirSync(directory).filter((name) => name.startsWith('keys'))).toEqual([]);

    writeFileSync(file('list.csv'), list('9999-06-30'));
    const issued = await toru(...batch, '--output', 'keys.csv');
    expect(issued).toMatchObject({
      status: 0,
      stdout: 'Wrote keys.csv.\n',
      stderr: expect.stringContaining(': shop\n'),
    });
    const rows = readFileSync(file('keys.csv'), 'utf8').trim().split('\n');
    expect(rows).toHaveLength(3);
    const key = rows[2]?.split(',').at(-1) ?? '';
    expect(json(await toru('licence', 'verify', key, '--public-key', publicKey, '--json'))).toMatchObject({
      valid: true,
      terms: { customer: 'B', instance: OTHER, expires: '9999-06-30' },
    });

    // more than a pipe holds, for a reader that has enough of it after one line
    writeFileSync(file('list.csv'), `instance_id,customer,expires\n${`${INSTANCE},A,never\n`.repeat(500)}`);
    const piped = `{ "$0" "$@" || echo failed >&2; } | head -n 1`;
    const { stdout, stderr } = await promisify(execFile)('sh', ['-c', piped, process.execPath, TORU, ...batch], {
      cwd: directory,
    });
    expect([stdout, stderr]).toEqual(['instance_id,customer,expires,licence_id,licence_key\n', '']);
  });
});

describe('toru instance', () => {
  let host: TestHost;
  let id: string;
  beforeAll(async () => {
    host = await startHost();
    ({ instance_id: id } = await host.json<{ instance_id: string }>('/api/instance'));
  });
  afterAll(async () => {
    await (host as TestHost | undefined)?.dispose();
  });

  it('[ID-1] asks the host from afar, with a token', async () => {
    const { token } = await addToken(host, 'licences', 'viewer');
    const env = { TORU_URL: host.url, TORU_TOKEN: token };

    expect(await run(['instance'], env)).toEqual({ status: 0, stdout: `${id}\n`, stderr: '' });
    const request = await run(['licence', 'request', '--plugin', 'acme', '--customer', 'A'], env);
    expect(json(request)).toMatchObject({ toru_licence_request: 1, plugin: 'acme', instance: id, customer: 'A' });
    expect(await run(['instance'], { ...env, TORU_TOKEN: 'tsc_wrong' })).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('does not know the token'),
    });
    expect(await run(['instance'], { TORU_URL: host.url })).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('Set TORU_TOKEN'),
    });
  });

  it("[ID-1] reads the host's file on its machine, and says what to do where there is none", async () => {
    expect(json(await toru('instance', '--data-dir', host.directories.data, '--json'))).toEqual({ instance_id: id });
    expect(await run(['instance'], { TORU_DATA_DIR: host.directories.data })).toMatchObject({ stdout: `${id}\n` });
    expect(await toru('instance')).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/^error: the host has written no .*--data-dir/),
    });
  });

  it('[LIC-4] every command of docs/licences.md does what it says', async () => {
    const page = readFileSync(path.resolve(import.meta.dirname, '../../docs/licences.md'), 'utf8');
    const blocks = [...page.matchAll(/^```sh\n([^]*?)^```$/gm)].map(([, block]) => block ?? '');
    const { token } = await addToken(host, 'documentation', 'viewer');
    const commands = blocks.join('\n').replace('https://toru.example', host.url).replace('tsc_…', token);
    const before = 'set -eu\ntoru() { "$NODE" "$TORU" "$@"; }\nmkdir docs\ncd docs\nmkdir plugins\n';
    const key = /^KEY=(\S+)$/m.exec(page)?.[1] ?? '';
    writeFileSync(file('commands.sh'), `${before}echo ${key} > plugins/acme.license\n${commands}`);
    const env = { PATH: process.env['PATH'], NODE: process.execPath, TORU, TORU_DATA_DIR: host.directories.data };
    const output = execFileSync('sh', ['commands.sh'], { cwd: directory, env, encoding: 'utf8', stdio: 'pipe' });

    expect(blocks.length).toBeGreaterThan(7);
    expect(output.match(/^TORU2\.\S+$/gm)).toHaveLength(2);
    expect(output).toContain(`\n${key}\nvalid\n`);
    expect(output).toContain('not with this secret');
    expect(output.endsWith(`${id}\n${id}\n`)).toBe(true);
    expect(readFileSync(file('docs/keys.csv'), 'utf8')).toMatch(
      /"Second, Ltd\.",never,reports export,[0-9a-f-]{36},TORU2\./,
    );
  });
});
