import { execFile } from 'node:child_process';
import { chmod, copyFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { UnavailablePeerError } from '../../harness/bench';
import type { Language } from '../language';

const ROOT = path.resolve(import.meta.dirname, '../../../..');
const SOURCES = path.join(import.meta.dirname, 'python');

const run = promisify(execFile);

/** `python/<name>.py` with the SDK inside, as plugin authors build it. */
async function bundle(name: string, directory: string, ...options: string[]): Promise<string> {
  const file = path.join(directory, `${name}.binary`);
  const args = ['-m', 'toru_plugin.bundle', path.join(SOURCES, `${name}.py`), '-o', file, ...options];
  try {
    await run('python3', args, { env: { ...process.env, PYTHONPATH: path.join(ROOT, 'libs/sdk/python/src') } });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw new UnavailablePeerError('python3 is not installed');
    throw error;
  }
  return file;
}

async function copy(name: string, directory: string): Promise<string> {
  const file = path.join(directory, `${name}.binary`);
  await copyFile(path.join(SOURCES, `${name}.py`), file);
  await chmod(file, 0o755);
  return file;
}

export const python: Language = {
  name: 'Python',
  largeBodies: true,
  build: async (directory) => ({
    plugin: await bundle('plugin', directory),
    echo: await copy('echo', directory),
    codec: await bundle('codec', directory, '--no-check'),
  }),
};
