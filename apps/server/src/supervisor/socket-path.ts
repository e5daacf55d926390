import { randomBytes } from 'node:crypto';
import { join } from 'node:path';

/**
 * Where a plugin's process makes its socket: unique for each start, so that an old and a new version can stand side by
 * side, and never longer than `SOCKET_NAME_BYTES` below the run directory.
 */
export function newSocketPath(runDir: string, pluginId: string): string {
  return join(runDir, `${pluginId.toLowerCase().slice(0, 16)}-${randomBytes(4).toString('hex')}.sock`);
}
