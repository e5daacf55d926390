/*
 * node scripts/build-sdks.mjs: the SDKs as `toru new` puts them into plugins, in dist/apps/cli/sdk. Each stands alone: it
 * needs neither this checkout nor a registry (docs/adr/0016).
 */
import './lib/node-version.mjs';
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { build } from 'esbuild';
import { inRoot } from './lib/paths.mjs';
import { main } from './lib/report.mjs';
import { declarationsOf } from './lib/declarations.mjs';

const TARGET = inRoot('dist/apps/cli/sdk');
const target = (...parts) => path.join(TARGET, ...parts);

await main(async () => {
  rmSync(TARGET, { recursive: true, force: true });
  await buildTypeScript();
  copyPython();
  copyRust();
});

/** One file of code, one of types. */
async function buildTypeScript() {
  const entry = inRoot('libs/sdk/typescript/src/index.ts');
  await build({
    entryPoints: [entry],
    outfile: target('typescript/index.js'),
    alias: {
      '@toru/contracts': inRoot('libs/contracts/src/index.ts'),
      '@toru/licensing': inRoot('libs/licensing/src/index.ts'),
      '@toru/protocol': inRoot('libs/protocol/src/index.ts'),
    },
    bundle: true,
    format: 'esm',
    logLevel: 'warning',
    platform: 'node',
    target: 'node20',
  });
  writeFileSync(target('typescript/index.d.ts'), declarationsOf(entry));
  cpSync(inRoot('libs/sdk/typescript/bundle-text.d.ts'), target('typescript/bundle-text.d.ts'));
  cpSync(inRoot('libs/sdk/typescript/README.md'), target('typescript/README.md'));
  const { name, version, description, license, type, engines } = JSON.parse(
    readFileSync(inRoot('libs/sdk/typescript/package.json'), 'utf8'),
  );
  const exports = { '.': { types: './index.d.ts', default: './index.js' }, './bundle-text': './bundle-text.d.ts' };
  const manifest = { name, version, description, license, type, engines, exports };
  writeFileSync(target('typescript/package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
}

/** The package, with its guide. */
function copyPython() {
  const source = inRoot('libs/sdk/python/src/toru_plugin');
  mkdirSync(target('python'), { recursive: true });
  for (const name of readdirSync(source)) {
    if (/\.(py|typed)$/.test(name)) cpSync(path.join(source, name), target('python', name));
  }
  cpSync(inRoot('libs/sdk/python/README.md'), target('python/README.md'));
}

/** The crate without its tests and benches, which need the rest of this checkout; and the versions that it is tested with. */
function copyRust() {
  cpSync(inRoot('libs/sdk/rust/src'), target('rust/src'), { recursive: true });
  cpSync(inRoot('libs/sdk/rust/README.md'), target('rust/README.md'));
  cpSync(inRoot('Cargo.lock'), target('rust/Cargo.lock'));
  writeFileSync(target('rust/Cargo.toml'), aloneManifest());
}

/** What the crate has of the workspace is written out; tables that are about tests and benches are left out. */
function aloneManifest() {
  const workspace = readFileSync(inRoot('Cargo.toml'), 'utf8');
  const shared = Object.fromEntries(
    [.../^\[workspace\.package\]\n([^[]*)/m.exec(workspace)[1].matchAll(/^(\S+) = (.+)$/gm)].map(([, ...pair]) => pair),
  );
  const tables = readFileSync(inRoot('libs/sdk/rust/Cargo.toml'), 'utf8').split(/^(?=\[)/m);
  const manifest = tables
    .filter((table) => !/^\[(lints|\[example\]|dev-dependencies)\]/.test(table))
    .join('')
    .replace(/^(\S+)\.workspace = true$/gm, (_, key) => `${key} = ${shared[key]}`);
  if (/workspace|undefined/.test(manifest)) throw new Error(`Not all of the workspace was written out:\n${manifest}`);
  return `${manifest.trim()}\n`;
}
