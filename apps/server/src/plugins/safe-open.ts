import { constants } from 'node:fs';
import { open, readlink, realpath, stat, type FileHandle } from 'node:fs/promises';
import { sep } from 'node:path';

/** A file that may not be opened; the message says why in words for the operator. */
export class UnsafeFileError extends Error {
  override readonly name = 'UnsafeFileError';
}

/** Whether `path` lies below `directory`; both must be real paths. */
export function isInside(directory: string, path: string): boolean {
  return path.startsWith(directory.endsWith(sep) ? directory : directory + sep);
}

/**
 * Opens a regular file below `directory` for reading, without ever waiting (a FIFO) and without following a link out of
 * the directory, even one that is put there while this runs.
 *
 * @param directory a directory; links in its own path are followed.
 * @param path the file; a link is followed when it leads to a place inside `directory`.
 * @throws UnsafeFileError when it is no regular file or lies outside; system errors (ENOENT, EACCES) as they are.
 */
export async function openInside(directory: string, path: string): Promise<FileHandle> {
  const root = await realpath(directory);
  const real = await realpath(path);
  if (!isInside(root, real)) throw new UnsafeFileError('it is a link that leaves the plugins directory');
  if (!(await stat(real)).isFile()) throw new UnsafeFileError('it is not a regular file');
  const handle = await open(real, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    if (!(await handle.stat()).isFile()) throw new UnsafeFileError('it is not a regular file');
    if (!isInside(root, await pathOf(handle, real))) {
      throw new UnsafeFileError('it was exchanged for a link that leaves the plugins directory');
    }
    return handle;
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** Where an open file really is: from the kernel where it tells, else from its path once more. */
async function pathOf(handle: FileHandle, path: string): Promise<string> {
  try {
    return await readlink(`/proc/self/fd/${handle.fd}`);
  } catch {
    return realpath(path);
  }
}
