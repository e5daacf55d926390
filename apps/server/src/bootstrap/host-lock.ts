import { readFileSync, lstatSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import { errorCode, errorMessage } from '../common';
import { ConfigurationError, type Configuration } from '../config';

/** How long two hosts that start at the same moment may stand in each other's way, in milliseconds. */
const SETTLE_MS = 300;

/** Other programs may keep their logs in the same directory: the name says whose it is, and no pattern of logs matches it. */
const LOG_LOCK = '.toru-lock.db';

/** Another host uses the directory. Not a fault of the settings: it may be on its way out. */
export class DirectoryHeldError extends Error {
  constructor(
    readonly directory: string,
    readonly setting: string,
    holder: string,
  ) {
    super(
      `Another host uses the directory ${directory} (${holder}). ` +
        `Stop that one first, or give this one a directory of its own (${setting}).`,
    );
    this.name = 'DirectoryHeldError';
  }
}

/** The directories of this host, held until `release` or the end of the process, however it comes. */
export interface HostLock {
  /** Why the log directory is not held although no other host holds it; undefined when it is. */
  readonly notice: string | undefined;
  release(): void;
}

/**
 * Takes the data directory, the plugins directory and the log directory for this process alone (faults 14). The locks are
 * those of empty SQLite files on which an exclusive transaction stands open: the kernel lets go of them when the process
 * ends, so nothing stale can stay behind (record 9). Nothing else of this process may open these files: closing one would
 * drop the lock.
 *
 * @throws DirectoryHeldError naming the holder, or ConfigurationError where no lock can be had at all in one of the first two
 */
export function lockDirectories(directories: Pick<Configuration, 'dataDir' | 'pluginsDir' | 'logDir'>): HostLock {
  const { dataDir, pluginsDir, logDir } = directories;
  const held: (() => void)[] = [];
  let notice: string | undefined;
  const release = (): void => {
    for (const each of held.splice(0)) each();
  };
  try {
    held.push(lock(dataDir, join(dataDir, 'lock.db'), 'TORU_DATA_DIR'));
    held.push(lock(pluginsDir, join(pluginsDir, '.metadata', 'lock.db'), 'TORU_PLUGINS_DIR'));
    try {
      held.push(lock(logDir, join(logDir, LOG_LOCK), 'TORU_LOG_DIR'));
    } catch (error) {
      // mixed logs are a nuisance, and a full log disk is none of the plugins' business: neither refuses a start
      if (!(error instanceof ConfigurationError)) throw error;
      notice = `${error.problems.join(' ')} Until then nothing keeps a second host from writing into the same logs.`;
    }
  } catch (error) {
    release();
    throw error;
  }
  return { notice, release };
}

function lock(directory: string, file: string, setting: string): () => void {
  const holder = file.replace(/\.db$/, '.json');
  let database: Database.Database;
  try {
    mkdirSync(dirname(file), { recursive: true });
    refuseOddFile(file);
    database = new Database(file, { timeout: SETTLE_MS });
  } catch (error) {
    throw unusable(file, setting, error);
  }
  try {
    // no journal beside it: nothing is ever written
    database.pragma('journal_mode = MEMORY');
    database.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    if (errorCode(error).startsWith('SQLITE_BUSY')) throw new DirectoryHeldError(directory, setting, holderIn(holder));
    throw unusable(file, setting, error);
  }
  tellWho(holder);
  return () => {
    rmSync(holder, { force: true });
    database.close();
  };
}

/** A FIFO or a device in its place must not be opened, let alone waited for. */
function refuseOddFile(file: string): void {
  const stat = lstatSync(file, { throwIfNoEntry: false });
  if (stat !== undefined && !stat.isFile()) throw new Error('it is not a regular file');
}

function unusable(file: string, setting: string, error: unknown): ConfigurationError {
  return new ConfigurationError([
    `${setting}: the lock ${file} cannot be taken: ${errorMessage(error)}. Its directory must be writable, on a file ` +
      'system that knows locks; a file that is no lock of a host may be removed.',
  ]);
}

/** Who holds the lock, for the message of the next one; the lock itself does not depend on it. */
function tellWho(file: string): void {
  const started = new Date(Date.now() - Math.round(performance.now())).toISOString();
  try {
    writeFileSync(file, JSON.stringify({ pid: process.pid, started, hostname: hostname() }), { mode: 0o644 });
  } catch {
    // the message of the next one is poorer
  }
}

function holderIn(file: string): string {
  try {
    const { pid, started, hostname: where } = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
    if (typeof pid === 'number' && typeof started === 'string' && typeof where === 'string') {
      return `process ${pid} on ${where.slice(0, 64)}, started ${started.slice(0, 32)}`;
    }
  } catch {
    // it has just begun, or is about to end
  }
  return 'it does not say which process it is';
}
