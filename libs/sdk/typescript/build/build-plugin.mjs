import { randomUUID } from 'node:crypto';
import { chmod, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const SDK = '@toru/plugin-sdk';

/** The SDK and the protocol code as they lie in the checkout that this file is in. */
function sources() {
  const libs = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../..');
  return {
    sdk: path.join(libs, 'sdk/typescript/src/index.ts'),
    alias: {
      '@toru/contracts': path.join(libs, 'contracts/src/index.ts'),
      '@toru/licensing': path.join(libs, 'licensing/src/index.ts'),
      '@toru/protocol': path.join(libs, 'protocol/src/index.ts'),
    },
  };
}

/** The SDK that the entry's project has, by its tsconfig.json or node_modules, goes before ours. */
const orElse = (sdk) => ({
  name: SDK,
  setup(build) {
    build.onResolve({ filter: new RegExp(`^${SDK}$`) }, async ({ path: name, pluginData, ...rest }) => {
      if (pluginData === SDK) return undefined;
      const found = await build.resolve(name, { ...rest, pluginData: SDK });
      return found.errors.length === 0 ? found : { path: sdk };
    });
  },
});

/**
 * Makes one executable file of a plugin's TypeScript entry. CommonJS, because Node runs a file named `*.binary` as nothing
 * else (docs/adr/0002); so the entry's modules may not await at their top level.
 *
 * Rejects where the entry does not build, with esbuild's error, whose `errors` have been printed then.
 *
 * `check` is given the finished file under another name, before it takes the place of `outfile`: where it rejects, that
 * one stays as it is. `sdk` is the module that stands for the SDK where the entry's project has none: the sources beside this file unless
 * given.
 *
 * @param {import('./build-plugin.mjs').BuildOptions} options
 * @returns {Promise<void>}
 */
export async function buildPlugin({ entry, outfile, minify = false, sdk, check }) {
  const own = sdk === undefined ? sources() : { sdk: path.resolve(sdk), alias: {} };
  // Loaded here: who imports this file may do without esbuild until it builds.
  const { build } = await import('esbuild');
  const { outputFiles } = await build({
    entryPoints: [path.resolve(entry)],
    alias: own.alias,
    banner: { js: '#!/usr/bin/env node' },
    bundle: true,
    format: 'cjs',
    logLevel: 'warning',
    minify,
    // Names of classes and functions are in errors and logs.
    keepNames: minify,
    platform: 'node',
    plugins: [orElse(own.sdk)],
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
    await check?.(temporary);
    await rename(temporary, target);
  } finally {
    await rm(temporary, { force: true });
  }
}
