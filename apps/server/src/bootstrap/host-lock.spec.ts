import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigurationError } from '../config';
import { DirectoryHeldError, lockDirectories } from './host-lock';

let root: string;
let directories: { dataDir: string; pluginsDir: string; logDir: string };

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'toru-lock-'));
  directories = { dataDir: join(root, 'data'), pluginsDir: join(root, 'plugins'), logDir: join(root, 'log') };
  for (const directory of Object.values(directories)) mkdirSync(directory);
});
afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

describe('lockDirectories', () => {
  it.each([
    ['plugins', 'TORU_PLUGINS_DIR', () => ({ ...directories, dataDir: root, logDir: root })],
    ['data', 'TORU_DATA_DIR', () => ({ ...directories, pluginsDir: root, logDir: root })],
    ['log', 'TORU_LOG_DIR', () => ({ ...directories, dataDir: root, pluginsDir: root })],
  ] as const)('faults 14: a second host on the same %s directory is told who holds it', (_, setting, second) => {
    const first = lockDirectories(directories);
    expect(() => lockDirectories(second())).toThrow(DirectoryHeldError);
    expect(() => lockDirectories(second())).toThrow(
      new RegExp(`process ${process.pid} on .*, started 2\\d{3}-.*${setting}`),
    );
    first.release();
    lockDirectories(second()).release();
  });

  it.each(['pluginsDir', 'logDir'])('a start that is refused for the %s holds nothing', (held) => {
    const others = { dataDir: join(root, 'a'), pluginsDir: join(root, 'b'), logDir: join(root, 'c') };
    const first = lockDirectories({ ...others, [held]: root });
    expect(() => lockDirectories({ ...directories, [held]: root })).toThrow(DirectoryHeldError);
    lockDirectories(directories).release();
    first.release();
  });

  it('leaves the lock file alone behind, and that holds nobody up', () => {
    lockDirectories(directories).release();
    expect(readdirSync(directories.dataDir)).toEqual(['lock.db']);
    expect(readdirSync(directories.logDir)).toEqual(['.toru-lock.db']);
    lockDirectories(directories).release();
  });

  it.each<[string, (file: string) => void]>([
    ['a directory', (file) => mkdirSync(file)],
    ['a FIFO', (file) => execFileSync('mkfifo', [file])],
    ['another file', (file) => writeFileSync(file, 'notes')],
  ])('%s in the place of the lock refuses the start and says what to do', (_, make) => {
    make(join(directories.dataDir, 'lock.db'));
    expect(() => lockDirectories(directories)).toThrow(ConfigurationError);
    expect(() => lockDirectories(directories)).toThrow(
      /TORU_DATA_DIR: the lock .*lock\.db cannot be taken: .*may be removed/,
    );
  });

  it('[OBS-2] logs that cannot be locked refuse no start: the operator is told', () => {
    mkdirSync(join(directories.logDir, '.toru-lock.db'));
    const { notice, release } = lockDirectories(directories);
    expect(notice).toMatch(/^TORU_LOG_DIR: the lock .*toru-lock\.db cannot be taken: .*a second host/);
    expect(() => lockDirectories({ ...directories, logDir: root })).toThrow(/TORU_DATA_DIR/);
    release();
    expect(lockDirectories({ ...directories, logDir: root }).notice).toBeUndefined();
  });

  it('a file in the place of .metadata refuses the start', () => {
    writeFileSync(join(directories.pluginsDir, '.metadata'), '');
    expect(() => lockDirectories(directories)).toThrow(/TORU_PLUGINS_DIR: .*EEXIST/);
  });
});
