import { jest } from '@jest/globals';
import { Command } from 'commander';
import { UsageError } from '../cli-error';
import { addLicenceCommand } from './licence.command';

const INSTANCE = '3f8e2a64-5b1c-4d7e-9a02-c6d41b7f0e58';
const OTHER = '3f8e2a64-5b1c-4d7e-9a02-c6d41b7f0e59';
const SECRET = 'test secret';
const ISSUE = ['licence', 'issue', '--instance-id', INSTANCE];

describe('toru licence', () => {
  let printed: string;
  beforeEach(() => {
    process.env['TORU_LICENSE_SECRET'] = SECRET;
    printed = '';
    jest.spyOn(process.stdout, 'write').mockImplementation((text) => {
      printed += String(text);
      return true;
    });
  });
  afterEach(() => {
    delete process.env['TORU_LICENSE_SECRET'];
    process.exitCode = undefined;
    jest.restoreAllMocks();
  });

  /** Gives what it prints. */
  async function run(...args: readonly string[]): Promise<string> {
    const program = new Command().exitOverride();
    addLicenceCommand(program);
    printed = '';
    await program.parseAsync(args, { from: 'user' });
    return printed.trim();
  }

  it.each([
    ['format', (key: string) => `${key.slice(0, -1)}A`, SECRET, []],
    ['signature', (key: string) => key, 'another', []],
    ['instance', (key: string) => key, SECRET, ['--instance-id', OTHER]],
    ['expired', (key: string) => key, SECRET, ['--instance-id', INSTANCE]],
    ['expired', (key: string) => key, SECRET, []],
  ])(
    '[LIC-2] [LIC-4] verify says that %s is why a key does not hold, with status 1',
    async (reason, change, secret, args) => {
      const key = await run(...ISSUE, '--expiry', '2020-01-01');
      process.env['TORU_LICENSE_SECRET'] = secret;
      const verdict: unknown = JSON.parse(await run('licence', 'verify', change(key), '--json', ...args));

      expect(verdict).toMatchObject({ valid: false, reason });
      expect(process.exitCode).toBe(1);
    },
  );

  it.each<[RegExp, readonly string[]]>([
    [/^--instance-id is missing/, ['licence', '--never']],
    [/^--expiry, --expires or --never is missing/, ISSUE],
    [/give one of them/, [...ISSUE, '--never', '--expiry', '2027-01-01']],
    [/is a date that exists/, [...ISSUE, '--expiry', '2026-02-30']],
    [/UUID v4 in lower case/, ['licence', 'issue', '--instance-id', INSTANCE.toUpperCase(), '--never']],
    [/^--customer is of the second form/, [...ISSUE, '--never', '--customer', 'x']],
    [/^--feature is of the second form/, [...ISSUE, '--never', '--feature', 'x']],
    [/^--secret-file is of the first form/, [...ISSUE, '--never', '--secret-file', 'a', '--key-file', 'b']],
    [/^\/nowhere cannot be read: there is no such file/, [...ISSUE, '--never', '--key-file', '/nowhere']],
    [/^\/nowhere cannot be read/, ['licence', 'issue', '--batch', '/nowhere']],
    [/second form: give --public-key/, ['licence', 'verify', `TORU2.${'0'.repeat(16)}.e30.AA`]],
    [/^--instance-id is a UUID/, ['licence', 'verify', 'x', '--instance-id', INSTANCE.toUpperCase()]],
    [/^A public key for licences is 32 bytes/, ['licence', 'verify', 'x', '--public-key', 'AAAA']],
    [/^which\? --key-file <file>/, ['licence', 'keygen']],
    [/--public goes with --key-file/, ['licence', 'keygen', '--public', '--secret-file', 'x']],
    [/^--instance-id is a UUID/, ['licence', 'request', '--plugin', 'a', '--customer', 'b', '--instance-id', 'x']],
    [
      /^the request has no plugin/,
      ['licence', 'request', '--plugin', '.', '--customer', 'b', '--instance-id', INSTANCE],
    ],
  ])('[LIC-4] refuses wrong usage: %s', async (problem, args) => {
    const failure: unknown = await run(...args).catch((error: unknown) => error);

    expect(failure).toBeInstanceOf(UsageError);
    expect((failure as Error).message).toMatch(problem);
    expect(printed).toBe('');
  });
});
