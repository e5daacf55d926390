import { join } from 'node:path';
import { errorCode } from '../common';
import { UnsafeFileError, openInside } from './safe-open';

/** The largest bundle that is served, in bytes: far more than a page should load. */
export const MAX_BUNDLE_BYTES = 8 * 1024 * 1024;

/** Where a plugin's page may lie in its directory, in the order in which they are tried (FE-1). */
const PLACES: readonly (readonly string[])[] = [['bundle.js'], ['frontend', 'bundle.js']];

/** A bundle is there and cannot be served; the message says why. */
export class BundleFileError extends Error {
  override readonly name = 'BundleFileError';
}

/**
 * Reads `plugins/<id>/bundle.js` or `plugins/<id>/frontend/bundle.js`.
 *
 * @param id a checked id: it becomes a part of the path
 * @returns undefined when there is none
 * @throws BundleFileError when there is one that may not or cannot be read
 */
export async function readBundleFile(pluginsDir: string, id: string): Promise<Buffer | undefined> {
  for (const place of PLACES) {
    try {
      return await read(pluginsDir, join(pluginsDir, id, ...place));
    } catch (error) {
      if (errorCode(error) === 'ENOENT' || errorCode(error) === 'ENOTDIR') continue;
      if (error instanceof BundleFileError) throw error;
      const reason = error instanceof UnsafeFileError ? error.message : `it cannot be read (${errorCode(error)})`;
      throw new BundleFileError(reason, { cause: error });
    }
  }
  return undefined;
}

async function read(pluginsDir: string, path: string): Promise<Buffer> {
  const handle = await openInside(pluginsDir, path);
  try {
    const { size } = await handle.stat();
    if (size > MAX_BUNDLE_BYTES) throw new BundleFileError(`it is larger than ${MAX_BUNDLE_BYTES} bytes`);
    // no more than was there when it was measured, should the file grow meanwhile
    const buffer = Buffer.alloc(size);
    let length = 0;
    while (length < size) {
      const { bytesRead } = await handle.read(buffer, length, size - length, length);
      if (bytesRead === 0) break;
      length += bytesRead;
    }
    return buffer.subarray(0, length);
  } finally {
    await handle.close();
  }
}
