import { constants, type BigIntStats } from 'node:fs';
import { access, lstat, mkdir, readdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode, hostLack } from '../common';
import { displayName } from './file-names';
import { isInside } from './safe-open';

/** What tells one state of one file from another: a changed file differs in at least one of these (META-2). */
export interface FileIdentity {
  readonly dev: string;
  readonly ino: string;
  /** In bytes. */
  readonly size: number;
  /** Nanoseconds since the epoch, decimal: more than a JavaScript number holds. */
  readonly mtimeNs: string;
  readonly ctimeNs: string;
}

/** A `*.binary` entry that may be looked into. */
export interface CandidateFile {
  readonly kind: 'candidate';
  /** Its name in the plugins directory. */
  readonly name: string;
  /** Its name as it may be shown. */
  readonly file: string;
  /** Where it is, links resolved. */
  readonly path: string;
  readonly identity: FileIdentity;
}

/** A `*.binary` entry that is refused without having been opened (ISO-5). */
export interface RefusedFile {
  readonly kind: 'refused';
  readonly name: string;
  readonly file: string;
  readonly reason: string;
}

export type DiscoveredFile = CandidateFile | RefusedFile;

export interface Discovery {
  /** In the order of their names by code unit, the same on every machine. */
  readonly files: readonly DiscoveredFile[];
  /** Why the directory could not be read. `missing`: it is not there (any more). */
  readonly problem?: DirectoryProblem;
}

export interface DirectoryProblem {
  readonly kind: 'missing' | 'unreadable';
  /** A sentence that says what to do. */
  readonly detail: string;
}

const EXTENSION = '.binary';

const RIGHTS = ': give the user that runs the host the right to read and enter it';
const ADVICE: ReadonlyMap<string, string> = new Map([
  ['EACCES', RIGHTS],
  ['EPERM', RIGHTS],
  ['ENOTDIR', ': put a directory in the place of that file, or set TORU_PLUGINS_DIR'],
]);

/** Creates the plugins directory where there is none (ISO-3). Throws the system's error when it cannot be created. */
export async function ensurePluginsDir(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true });
}

/** Looks through the plugins directory without opening or running anything, and without failing as a whole (ISO-4). */
export async function discover(directory: string): Promise<Discovery> {
  let files: DiscoveredFile[];
  try {
    files = await filesIn(await realpath(directory));
  } catch (error) {
    return { files: [], problem: problemOf(directory, error) };
  }
  files.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  return { files };
}

function problemOf(directory: string, error: unknown): DirectoryProblem {
  const code = errorCode(error);
  const shown = displayName(directory);
  if (code === 'ENOENT') {
    const detail = `The plugins directory ${shown} does not exist (any more): create it, or set TORU_PLUGINS_DIR.`;
    return { kind: 'missing', detail };
  }
  const advice = ADVICE.get(code);
  return { kind: 'unreadable', detail: `The plugins directory ${shown} cannot be read (${code})${advice ?? ''}.` };
}

async function filesIn(root: string): Promise<DiscoveredFile[]> {
  const files: DiscoveredFile[] = [];
  for (const raw of await readdir(root, { encoding: 'buffer' })) {
    const name = raw.toString('utf8');
    if (name.startsWith('.') || !name.endsWith(EXTENSION)) continue;
    if (Buffer.from(name, 'utf8').equals(raw)) files.push(await inspect(root, name));
    else files.push(refuse(name, 'its name is not valid UTF-8: rename it'));
  }
  return files;
}

async function inspect(root: string, name: string): Promise<DiscoveredFile> {
  const path = join(root, name);
  try {
    const entry = await lstat(path, { bigint: true });
    if (entry.isSymbolicLink()) return await inspectLink(root, name, path);
    return await judge(name, path, entry);
  } catch (error) {
    // that is no property of the file: the directory cannot be read now
    if (hostLack(error) !== undefined) throw error;
    return refuse(name, `it cannot be examined (${errorCode(error)})`);
  }
}

async function inspectLink(root: string, name: string, path: string): Promise<DiscoveredFile> {
  let target: string;
  try {
    target = await realpath(path);
  } catch (error) {
    if (hostLack(error) !== undefined) throw error;
    const reason = errorCode(error) === 'ELOOP' ? 'it is a symbolic link that leads in a circle' : 'it is a broken symbolic link';
    return refuse(name, reason);
  }
  if (!isInside(root, target)) return refuse(name, 'it is a symbolic link that leaves the plugins directory');
  return judge(name, target, await lstat(target, { bigint: true }));
}

async function judge(name: string, path: string, stats: BigIntStats): Promise<DiscoveredFile> {
  if (!stats.isFile()) return refuse(name, `it is ${kindOf(stats)}, not a regular file`);
  if ((stats.mode & 0o002n) !== 0n) return refuse(name, 'everybody may write to it: chmod o-w');
  if ((stats.mode & 0o111n) === 0n) return refuse(name, 'it is not executable: chmod +x');
  if (stats.size === 0n) return refuse(name, 'it is empty');
  try {
    await access(path, constants.R_OK | constants.X_OK);
  } catch (error) {
    if (hostLack(error) !== undefined) throw error;
    return refuse(name, 'the host may not read and execute it: check its owner and mode');
  }
  return { kind: 'candidate', name, file: displayName(name), path, identity: identityOf(stats) };
}

export function identityOf(stats: BigIntStats): FileIdentity {
  return {
    dev: String(stats.dev),
    ino: String(stats.ino),
    size: Number(stats.size),
    mtimeNs: String(stats.mtimeNs),
    ctimeNs: String(stats.ctimeNs),
  };
}

export function sameIdentity(a: FileIdentity, b: FileIdentity): boolean {
  return a.dev === b.dev && a.ino === b.ino && a.size === b.size && a.mtimeNs === b.mtimeNs && a.ctimeNs === b.ctimeNs;
}

function kindOf(stats: BigIntStats): string {
  if (stats.isDirectory()) return 'a directory';
  if (stats.isFIFO()) return 'a FIFO';
  if (stats.isSocket()) return 'a socket';
  return 'a device';
}

function refuse(name: string, reason: string): RefusedFile {
  return { kind: 'refused', name, file: displayName(name), reason };
}
