import { constants, type BigIntStats } from 'node:fs';
import { lstat, open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode } from '../common';
import { parseKey } from './licence-key';

/** The longest file of a key, in bytes. */
const MAX_BYTES = 8 * 1024;
const NAME = /^([a-z0-9][a-z0-9-]{0,63})\.license$/i;

/** A file `<id>.license` in the plugins directory, before it was opened. */
export interface FoundFile {
  /** The plugin's id in lower case. */
  readonly plugin: string;
  readonly name: string;
  /** Changes whenever the file does, and with its mode. */
  readonly identity: string;
}

/** The same, read. */
export interface LicenceFile {
  readonly name: string;
  readonly key?: string;
  /** Why there is no key. */
  readonly problem?: string;
}

/** Why others may learn the key that a file holds, with what to do; undefined where its mode is right or unknown. */
export async function exposureOf(
  directory: string,
  name: string,
): Promise<{ readonly mode: number; readonly warning: string } | undefined> {
  const path = join(directory, name);
  const mode = await lstat(path).then(
    (stats) => stats.mode & 0o777,
    () => 0,
  );
  if ((mode & 0o004) === 0) return undefined;
  const warning = `${path} holds a licence key that everybody on this machine may read: chmod 600, and chown it to the user of the host where it is another's. It is used nevertheless.`;
  return { mode, warning };
}

/** The files of keys in the order of their names. Undefined where the directory cannot be read: nothing is known then. */
export async function findLicenceFiles(directory: string): Promise<readonly FoundFile[] | undefined> {
  let names: string[];
  try {
    names = await readdir(directory);
  } catch (error) {
    return errorCode(error) === 'ENOENT' ? [] : undefined;
  }
  const found: FoundFile[] = [];
  for (const name of names.sort()) {
    const plugin = NAME.exec(name)?.[1]?.toLowerCase();
    if (plugin === undefined) continue;
    found.push({ plugin, name, identity: await identityOf(join(directory, name)) });
  }
  return found;
}

/**
 * Reads a key: from a regular file that others may not write to, and from nothing else. Never waits (a FIFO), never follows a
 * link, and reads no more than a key can have.
 */
export async function readLicenceFile(directory: string, name: string): Promise<LicenceFile> {
  try {
    const path = join(directory, name);
    // first without opening: that alone may wake a device
    const refusal = problemOf(await lstat(path, { bigint: true }));
    if (refusal !== undefined) return { name, problem: refusal };
    return { name, ...(await readKey(path)) };
  } catch (error) {
    return { name, problem: errorCode(error) === 'ELOOP' ? A_LINK : `it cannot be read (${errorCode(error)})` };
  }
}

const A_LINK = 'it is a symbolic link: put the file itself there';

async function readKey(path: string): Promise<Pick<LicenceFile, 'key' | 'problem'>> {
  const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const refusal = problemOf(await handle.stat({ bigint: true }));
    if (refusal !== undefined) return { problem: refusal };
    const buffer = Buffer.alloc(MAX_BYTES + 1);
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, 0);
    if (bytesRead > MAX_BYTES) return { problem: TOO_LARGE };
    const parsed = parseKey(buffer.toString('utf8', 0, bytesRead));
    return parsed.ok ? { key: parsed.key } : { problem: parsed.problem };
  } finally {
    await handle.close();
  }
}

const TOO_LARGE = `it is larger than ${MAX_BYTES} bytes: it is to hold the key alone`;

function problemOf(stats: BigIntStats): string | undefined {
  if (stats.isSymbolicLink()) return A_LINK;
  if (!stats.isFile()) return 'it is no regular file';
  if ((stats.mode & 0o002n) !== 0n) return 'everybody may write to it: chmod o-w';
  if (stats.size > BigInt(MAX_BYTES)) return TOO_LARGE;
  return undefined;
}

async function identityOf(path: string): Promise<string> {
  try {
    const { dev, ino, size, mtimeNs, ctimeNs } = await lstat(path, { bigint: true });
    return [dev, ino, size, mtimeNs, ctimeNs].join(' ');
  } catch (error) {
    return errorCode(error);
  }
}
