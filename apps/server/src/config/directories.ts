import { createHash } from 'node:crypto';
import { accessSync, chmodSync, constants, lstatSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve, sep } from 'node:path';
import { MAX_SOCKET_PATH_BYTES } from '@toru/contracts';
import { errorCode } from '../common';
import { ConfigurationError, type Directories, type SettingValues } from './configuration';

const DEFAULT_LOG_DIR = '/var/log/toru';
const LOCAL_LOG_DIR = './logs';

/** The longest name of a socket in the run directory, with the slash before it, in bytes (`supervisor/socket-path.ts`). */
export const SOCKET_NAME_BYTES = 32;

/**
 * Makes the directories that are missing, checks that they can be used, and reports everything that is wrong at once.
 * The default log directory that cannot be written is replaced by a local one (OBS-4), with a notice.
 */
export function prepareDirectories(settings: SettingValues): Directories & { readonly notices: readonly string[] } {
  const problems: string[] = [];
  const notices: string[] = [];
  const usable = (path: string, name: string, mode: number): string => {
    const absolute = resolve(path);
    const problem = makeUsable(absolute, mode);
    if (problem !== undefined) problems.push(`${name}: the directory ${absolute} ${problem}.`);
    return absolute;
  };

  const pluginsDir = usable(settings.pluginsDir, 'TORU_PLUGINS_DIR', 0o755);
  const dataDir = usable(settings.dataDir, 'TORU_DATA_DIR', 0o700);
  const runDir = resolve(settings.runDir ?? defaultRunDir(dataDir));
  const runProblem = makeUsable(runDir, 0o700) ?? privacyProblem(runDir) ?? lengthProblem(runDir);
  if (runProblem !== undefined) problems.push(`TORU_RUN_DIR: the directory ${runDir} ${runProblem}.`);

  let logDir: string;
  if (settings.logDir === undefined && makeUsable(DEFAULT_LOG_DIR, 0o755) !== undefined) {
    logDir = usable(LOCAL_LOG_DIR, 'TORU_LOG_DIR', 0o755);
    notices.push(
      `${DEFAULT_LOG_DIR} cannot be written, so the logs are in ${logDir}. TORU_LOG_DIR names another place.`,
    );
  } else {
    logDir = usable(settings.logDir ?? DEFAULT_LOG_DIR, 'TORU_LOG_DIR', 0o755);
  }
  for (const [path, name] of [
    [dataDir, 'TORU_DATA_DIR'],
    [logDir, 'TORU_LOG_DIR'],
    [runDir, 'TORU_RUN_DIR'],
  ] as const) {
    if (path === pluginsDir) problems.push(`${name} and TORU_PLUGINS_DIR are the same directory: keep them apart.`);
  }
  if (problems.length > 0) throw new ConfigurationError(problems);
  return { pluginsDir, dataDir, logDir, runDir, notices };
}

/** Makes a directory if need be; says what stands in the way of reading and writing it. */
function makeUsable(path: string, mode: number): string | undefined {
  try {
    mkdirSync(path, { recursive: true, mode });
    accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK);
    return undefined;
  } catch (error) {
    const code = errorCode(error);
    if (code === 'EEXIST' || code === 'ENOTDIR') return 'is a file, or lies below one';
    if (code === 'EACCES' || code === 'EPERM') return 'cannot be made or written by this user';
    return `cannot be used (${code})`;
  }
}

/** One for each user and data directory, so that two hosts of one user do not share their sockets. */
function defaultRunDir(dataDir: string): string {
  const uid = process.getuid?.() ?? 0;
  const digest = createHash('sha256').update(dataDir).digest('hex').slice(0, 8);
  return join(tmpdir(), `toru-${uid}-${digest}`);
}

/** Whoever can write the run directory can pose as a plugin: it must be ours alone. */
function privacyProblem(path: string): string | undefined {
  const stat = lstatSync(path);
  if (!stat.isDirectory()) return 'is a symbolic link: name the directory itself';
  if (stat.uid !== process.getuid?.()) return 'belongs to another user';
  if ((stat.mode & 0o077) !== 0) {
    // only a directory that is ours can be tightened; one that others could write may hold their files already
    if ((stat.mode & 0o022) !== 0) return 'can be written by other users: make it private (mode 0700)';
    chmodSync(path, 0o700);
  }
  return undefined;
}

function lengthProblem(path: string): string | undefined {
  const longest = Buffer.byteLength(path + sep) + SOCKET_NAME_BYTES;
  return longest <= MAX_SOCKET_PATH_BYTES
    ? undefined
    : `is too long: paths of sockets in it would have ${longest} bytes, of at most ${MAX_SOCKET_PATH_BYTES}. Name a shorter one`;
}
