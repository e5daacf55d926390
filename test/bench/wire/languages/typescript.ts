import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Language } from '../language';

const ROOT = path.resolve(import.meta.dirname, '../../../..');
const SOURCES = path.join(import.meta.dirname, 'typescript');

const run = promisify(execFile);

/** Builds `typescript/<name>.ts` as plugin authors do, and gives the file. */
export async function buildTypescript(name: string, directory: string): Promise<string> {
  const file = path.join(directory, `${name}.binary`);
  await run(process.execPath, ['scripts/build-plugin.mjs', path.join(SOURCES, `${name}.ts`), '-o', file], {
    cwd: ROOT,
  });
  return file;
}

export const typescript: Language = {
  name: 'TypeScript',
  largeBodies: true,
  build: async (directory) => ({
    plugin: await buildTypescript('plugin', directory),
    echo: await buildTypescript('echo', directory),
    codec: await buildTypescript('codec', directory),
  }),
};
