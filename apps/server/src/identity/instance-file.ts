import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { errorMessage } from '../common';

const INSTANCE_FILE = 'instance-id';

/**
 * Puts the instance's id where `toru instance` finds it on this machine, without a token and also while no host runs. The
 * database is what counts: the file is written anew at a start that finds another one. Gives what went wrong, which is no
 * reason not to start.
 */
export function writeInstanceFile(dataDir: string, instanceId: string): string | undefined {
  const file = join(dataDir, INSTANCE_FILE);
  const text = `${instanceId}\n`;
  if (contentOf(file) === text) return undefined;
  try {
    writeFileSync(`${file}.new`, text, { mode: 0o644 });
    renameSync(`${file}.new`, file);
    return undefined;
  } catch (error) {
    return `${file} could not be written, so "toru instance" needs TORU_URL and TORU_TOKEN: ${errorMessage(error)}`;
  }
}

function contentOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
