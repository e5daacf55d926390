import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const ROOT = path.resolve(import.meta.dirname, '../..');

/** Bundled or not, a file says where its source is. */
const sourceDirectories = {
  name: 'source-directories',
  setup({ onLoad }) {
    onLoad({ filter: /\.ts$/ }, async ({ path: file }) => {
      const text = await readFile(file, 'utf8');
      const directory = JSON.stringify(path.dirname(file));
      return { loader: 'ts', contents: text.replaceAll('import.meta.dirname', directory) };
    });
  },
};

/**
 * Loads a TypeScript entry outside Jest, bundled to `.cache/<name>/run.mjs`.
 *
 * @param {{ entry: string, name: string }} options
 * @returns {Promise<Record<string, unknown>>} what it exports
 */
export async function loadTypescript({ entry, name }) {
  const outfile = path.join(ROOT, '.cache', name, 'run.mjs');
  await mkdir(path.dirname(outfile), { recursive: true });
  await build({
    entryPoints: [entry],
    outfile,
    plugins: [sourceDirectories],
    absWorkingDir: ROOT,
    bundle: true,
    format: 'esm',
    logLevel: 'warning',
    packages: 'external',
    platform: 'node',
    sourcemap: 'inline',
    target: 'node20',
    tsconfig: path.join(ROOT, 'tsconfig.json'),
  });
  return await import(pathToFileURL(outfile).href);
}
