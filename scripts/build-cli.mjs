// node scripts/build-cli.mjs: bundles the command line into dist/apps/cli/main.js, with its templates beside it; npm
// packages stay outside.
import './lib/node-version.mjs';
import { cpSync, rmSync } from 'node:fs';
import { build } from 'esbuild';
import { inRoot } from './lib/paths.mjs';
import { main } from './lib/report.mjs';

await main(async () => {
  await build({
    entryPoints: [inRoot('apps/cli/src/main.ts')],
    outfile: inRoot('dist/apps/cli/main.js'),
    alias: {
      '@toru/contracts': inRoot('libs/contracts/src/index.ts'),
      '@toru/licensing': inRoot('libs/licensing/src/index.ts'),
      '@toru/protocol': inRoot('libs/protocol/src/index.ts'),
    },
    bundle: true,
    format: 'esm',
    logLevel: 'warning',
    packages: 'external',
    platform: 'node',
    sourcemap: true,
    target: 'node20',
  });
  const templates = inRoot('dist/apps/cli/templates');
  rmSync(templates, { recursive: true, force: true });
  cpSync(inRoot('apps/cli/templates'), templates, { recursive: true });
});
