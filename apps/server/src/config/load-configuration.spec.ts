import { chmodSync, existsSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigurationError } from './configuration';
import { loadConfiguration } from './load-configuration';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'toru-cfg-'));
});
afterEach(() => {
  rmSync(dir, { recursive: true, force: true });
});

function env(more: Record<string, string> = {}): Record<string, string> {
  return {
    TORU_PLUGINS_DIR: join(dir, 'plugins'),
    TORU_DATA_DIR: join(dir, 'data'),
    TORU_LOG_DIR: join(dir, 'log'),
    TORU_RUN_DIR: join(dir, 'run'),
    ...more,
  };
}

function problemsOf(variables: Record<string, string>): readonly string[] {
  try {
    loadConfiguration(variables);
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigurationError);
    return (error as ConfigurationError).problems;
  }
  throw new Error('the configuration was taken');
}

describe('loadConfiguration', () => {
  it('[ISO-3] fills in defaults and makes the directories that are missing', () => {
    const configuration = loadConfiguration(env());
    expect(configuration).toMatchObject({ host: '127.0.0.1', port: 3000, adminUsername: 'admin', maxCrashes: 10 });
    expect(configuration.databaseUrl).toBeUndefined();
    expect(existsSync(configuration.pluginsDir)).toBe(true);
    expect(statSync(configuration.runDir).mode & 0o777).toBe(0o700);
    expect(Object.isFrozen(configuration)).toBe(true);
  });

  it('lists every malformed, unknown and contradictory setting at once and repeats no value', () => {
    const problems = problemsOf(
      env({
        TORU_PORT: '70000',
        TORU_PROT: '1',
        DATABASE_URL: 'mysql://root:hunter2@db',
        ADMIN_PASSWORD: 'hunter2',
        TORU_PUBLIC_URL: 'https://example.org/path',
        TORU_ENABLE_NEW_PLUGINS: 'yes',
        TORU_LOG_LEVEL: 'loud',
        TORU_HOST: 'a b',
        ADMIN_USERNAME: 'ad\u0000min',
      }),
    );
    expect(problems).toHaveLength(9);
    expect(problems).toContain('TORU_PROT is no setting; did you mean TORU_PORT.');
    expect(problems.join()).not.toMatch(/hunter2|70000|loud/);
  });

  it('tells of settings that contradict each other', () => {
    expect(problemsOf(env({ TORU_BACKOFF_BASE_MS: '5000', TORU_BACKOFF_MAX_MS: '1000' }))).toEqual([
      expect.stringContaining('TORU_BACKOFF_BASE_MS is larger than TORU_BACKOFF_MAX_MS'),
    ]);
    expect(problemsOf(env({ TORU_DATA_DIR: join(dir, 'plugins') }))).toEqual([
      expect.stringContaining('TORU_DATA_DIR and TORU_PLUGINS_DIR are the same directory'),
    ]);
  });

  it('faults 6: refuses a run directory whose sockets would have paths that are cut', () => {
    expect(problemsOf(env({ TORU_RUN_DIR: join(dir, 'r'.repeat(80)) }))[0]).toMatch(/too long.*107/);
  });

  it('faults 6: refuses a run directory that others could write, a link to one, and files in place of directories', () => {
    mkdirSync(join(dir, 'open'));
    chmodSync(join(dir, 'open'), 0o777);
    expect(problemsOf(env({ TORU_RUN_DIR: join(dir, 'open') }))).toEqual([
      expect.stringMatching(/^TORU_RUN_DIR: .* can be written by other users/),
    ]);
    writeFileSync(join(dir, 'file'), '');
    symlinkSync(join(dir, 'open'), join(dir, 'link'));
    expect(problemsOf(env({ TORU_RUN_DIR: join(dir, 'link') }))[0]).toMatch(/symbolic link/);
    const problems = problemsOf(
      env({ TORU_DATA_DIR: join(dir, 'file'), TORU_PLUGINS_DIR: join(dir, 'file', 'below') }),
    );
    expect(problems.length).toBeGreaterThanOrEqual(2);
  });
});
