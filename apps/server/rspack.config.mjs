// What `nest build server` makes: main.js with the host's own code, packages.js with the npm packages, and spawner.js.
import path from 'node:path';
import { build } from 'esbuild';
import { bundlePackages } from './bundle-packages.mjs';

export default (options) => ({
  ...options,
  module: { ...options.module, rules: options.module.rules.map(asNodeRunsIt) },
  plugins: [...options.plugins, new BundlePackages()],
});

/**
 * The CLI compiles for ES2021, where private names become weak maps and fields calls: each reading of `#name` then costs
 * some fifty times as much. As tsconfig.json says instead.
 */
function asNodeRunsIt(rule) {
  const use = rule.use?.map(({ loader, options }) => {
    if (loader !== 'builtin:swc-loader') throw new Error(`The CLI compiles with ${loader} now: see asNodeRunsIt`);
    const transform = { ...options.jsc.transform, useDefineForClassFields: false };
    return { loader, options: { ...options, jsc: { ...options.jsc, transform, target: 'es2022' } } };
  });
  return { ...rule, use };
}

/** Rspack has compiled the decorators and their metadata, which esbuild cannot; esbuild then puts the packages together. */
class BundlePackages {
  apply(compiler) {
    compiler.hooks.afterEmit.tapPromise('BundlePackages', async ({ outputOptions }) => {
      const file = path.join(outputOptions.path, outputOptions.filename);
      await bundlePackages(file);
      await buildSpawner(path.dirname(file));
    });
  }
}

/** The small process that starts programs for the host, in a file of its own (docs/adr/0023). */
async function buildSpawner(directory) {
  await build({
    entryPoints: [path.join(import.meta.dirname, 'src/common/spawner/spawner-main.ts')],
    outfile: path.join(directory, 'spawner.js'),
    bundle: true,
    format: 'esm',
    logLevel: 'warning',
    platform: 'node',
    target: 'node20',
  });
}
