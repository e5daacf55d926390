import { constants } from 'node:fs';
import { type FileHandle, mkdir, open } from 'node:fs/promises';
import path from 'node:path';
import { errorCode } from '../common';

/** Owner writes, group reads (a log shipper), nobody else. */
const FILE_MODE = 0o640;
const DIRECTORY_MODE = 0o750;

/** Something stands at a log's path that must not be written to. The message says what, and what to do. */
export class LogPathRefusedError extends Error {
  constructor(file: string, what: string, cause?: unknown) {
    super(`${file} is ${what}: nothing is logged there until it is removed`, cause === undefined ? {} : { cause });
    this.name = 'LogPathRefusedError';
  }
}

/**
 * Opens a log for appending, and makes its directory where it is missing. Never follows a symlink at the path, never
 * waits for the other end of a FIFO, never writes to anything but a regular file.
 */
export async function openForAppend(file: string): Promise<FileHandle> {
  const flags = constants.O_RDWR | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  let handle: FileHandle;
  try {
    handle = await open(file, flags, FILE_MODE).catch(async (error: unknown) => {
      if (errorCode(error) !== 'ENOENT') throw error;
      await mkdir(path.dirname(file), { recursive: true, mode: DIRECTORY_MODE });
      return open(file, flags, FILE_MODE);
    });
  } catch (error) {
    const code = errorCode(error);
    if (code === 'ELOOP') throw new LogPathRefusedError(file, 'a symbolic link', error);
    if (code === 'EISDIR') throw new LogPathRefusedError(file, 'a directory', error);
    if (code === 'ENXIO' || code === 'ENODEV') throw new LogPathRefusedError(file, 'a socket or device', error);
    throw error;
  }
  return requireRegularFile(handle, file);
}

/** Opens a log for reading; undefined when there is none, or nothing that a log can be. */
export async function openForReading(file: string): Promise<FileHandle | undefined> {
  try {
    const handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    return await requireRegularFile(handle, file);
  } catch (error) {
    if (error instanceof LogPathRefusedError) return undefined;
    if (['ENOENT', 'ENOTDIR', 'ELOOP', 'ENXIO', 'ENODEV'].includes(errorCode(error))) return undefined;
    throw error;
  }
}

async function requireRegularFile(handle: FileHandle, file: string): Promise<FileHandle> {
  const stats = await handle.stat();
  if (stats.isFile()) return handle;
  await handle.close();
  throw new LogPathRefusedError(file, stats.isDirectory() ? 'a directory' : stats.isFIFO() ? 'a FIFO' : 'not a regular file');
}
