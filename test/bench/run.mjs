// node test/bench/run.mjs [<part of a bench's name> ...] [--rounds n] [--seconds s] [--only <peer> ...] [--list]
import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const HERE = import.meta.dirname;
const ROOT = path.resolve(HERE, '../..');
const OUTFILE = path.join(ROOT, '.cache/bench/run.mjs');

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

await mkdir(path.dirname(OUTFILE), { recursive: true });
await build({
  entryPoints: [path.join(HERE, 'harness/main.ts')],
  outfile: OUTFILE,
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
const { main } = await import(pathToFileURL(OUTFILE).href);
process.exitCode = await main(process.argv.slice(2));
