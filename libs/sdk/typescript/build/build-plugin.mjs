import { randomUUID } from 'node:crypto';
import { chmod, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const LIBS = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../..');

/** Everything goes into the one file, the SDK and the protocol code too. */
const ALIASES = {
  '@toru/contracts': path.join(LIBS, 'contracts/src/index.ts'),
  '@toru/plugin-sdk': path.join(LIBS, 'sdk/typescript/src/index.ts'),
  '@toru/protocol': path.join(LIBS, 'protocol/src/index.ts'),
};

/**
 * Makes one executable file of a plugin's TypeScript entry. CommonJS, because Node runs a file named `*.binary` as nothing
 * else (docs/adr/0002); so the entry's modules may not await at their top level.
 *
 * Rejects where the entry does not build; what is wrong has been printed then.
 *
 * @param {{ entry: string, outfile: string, minify?: boolean }} options
 * @returns {Promise<void>}
 */
export async function buildPlugin({ entry, outfile, minify = false }) {
  const { outputFiles } = await build({
    entryPoints: [path.resolve(entry)],
    alias: ALIASES,
    banner: { js: '#!/usr/bin/env node' },
    bundle: true,
    format: 'cjs',
    logLevel: 'warning',
    minify,
    // Names of classes and functions are in errors and logs.
    keepNames: minify,
    platform: 'node',
    target: 'node20',
    write: false,
  });
  const target = path.resolve(outfile);
  const temporary = `${target}.${randomUUID()}.tmp`;
  await mkdir(path.dirname(target), { recursive: true });
  try {
    // A host that watches the directory never sees half a file.
    await writeFile(temporary, outputFiles[0].contents);
    await chmod(temporary, 0o755);
    await rename(temporary, target);
  } finally {
    await rm(temporary, { force: true });
  }
}
