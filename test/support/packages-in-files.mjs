import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';

const ROOT = path.resolve(import.meta.dirname, '../..');

/** ES modules that are parts of each other: built together, so that there is one of everything. */
const ES_MODULES = [
  ...['@nestjs/common', '@nestjs/common/constants', '@nestjs/core', '@nestjs/platform-express', '@nestjs/schedule'],
  ...['@nestjs/swagger', '@nestjs/testing', '@nestjs/typeorm', 'rxjs', 'rxjs/operators'],
];
/** What goes into their files with them. All else, and what Node has, is loaded from where it is. */
const ES_PARTS = ['@nestjs/mapped-types', 'es-toolkit', 'iterare', 'js-yaml', 'tslib', 'uid'];

/** CommonJS, also required by name: each by itself. */
const COMMON_JS = ['class-transformer', 'class-validator', 'typeorm'];
const COMMON_JS_PARTS = ['@sqltools/formatter', 'libphonenumber-js', 'sql-highlight', 'tslib', 'uuid', 'validator'];

const hash = createHash('sha256');
for (const file of ['package-lock.json', 'test/support/packages-in-files.mjs'])
  hash.update(readFileSync(path.join(ROOT, file)));
/** What the lock file and this file say decides what is in it. */
const DIRECTORY = path.join(ROOT, '.cache/packages', hash.digest('hex').slice(0, 16));

const baseOf = (name) => name.replace('@', '').replaceAll('/', '-');
const fileOf = (name) => path.join(DIRECTORY, `${baseOf(name)}${COMMON_JS.includes(name) ? '.cjs' : '.mjs'}`);

/**
 * Jest's `moduleNameMapper` for some of the packages; without names, for all.
 *
 * Jest loads, resolves and links every file of a package anew for each spec file: for Nest, its OpenAPI decorators and the
 * validators these are 1,600, which took more time than the tests. In the unit tests each of these packages is one file,
 * or a few that it shares with others. All other tests run the host that is built.
 */
export const packagesInFiles = (...names) =>
  Object.fromEntries(
    (names.length > 0 ? names : [...ES_MODULES, ...COMMON_JS]).map((name) => [`^${name}$`, fileOf(name)]),
  );

/** Writes these files, once for each state of the lock file. A `globalSetup` of Jest. */
export default async function writePackages() {
  if (existsSync(DIRECTORY)) return;
  mkdirSync(path.dirname(DIRECTORY), { recursive: true });
  const outdir = mkdtempSync(`${DIRECTORY}-`);
  try {
    await Promise.all([writeEsModules(outdir), writeCommonJs(outdir)]);
    // whoever else runs the tests of this checkout reads them too
    for (const file of readdirSync(outdir)) chmodSync(path.join(outdir, file), 0o644);
    chmodSync(outdir, 0o755);
    renameSync(outdir, DIRECTORY);
  } catch (error) {
    // another Jest has written them in the meantime
    if (!existsSync(DIRECTORY)) throw error;
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}

async function writeEsModules(outdir) {
  const { build } = await import('esbuild');
  await build({
    ...options(outdir, [...ES_MODULES.map(packageOf), ...ES_PARTS]),
    entryPoints: Object.fromEntries(ES_MODULES.map((name) => [baseOf(name), name])),
    outExtension: { '.js': '.mjs' },
    format: 'esm',
    splitting: true,
    // rxjs has CommonJS for Node alone
    platform: 'neutral',
    conditions: ['es2015', 'import'],
    mainFields: ['module', 'main'],
  });
}

async function writeCommonJs(outdir) {
  const { build } = await import('esbuild');
  for (const name of COMMON_JS) {
    // with the names spelt out, so that they can be imported one by one
    const names = Object.keys(await import(name)).filter(
      (exported) => !['default', 'module.exports'].includes(exported),
    );
    await build({
      ...options(outdir, [name, ...COMMON_JS_PARTS]),
      stdin: { contents: `export { ${names.join(', ')} } from '${name}';`, resolveDir: ROOT },
      outfile: path.join(outdir, path.basename(fileOf(name))),
      outdir: undefined,
      format: 'cjs',
      platform: 'node',
    });
  }
}

function options(outdir, inside) {
  return {
    outdir,
    plugins: [onlyPackages(inside)],
    absWorkingDir: ROOT,
    bundle: true,
    // Nest and TypeORM tell classes by their names
    keepNames: true,
    logLevel: 'warning',
    target: 'node20',
  };
}

/** All other packages stay outside, and so does what is loaded only when it is there. */
function onlyPackages(inside) {
  return {
    name: 'only-packages',
    setup({ onResolve }) {
      onResolve({ filter: /^[^./]/ }, ({ path: name, kind }) => {
        const optional = kind === 'dynamic-import' && name !== '@nestjs/platform-express';
        return kind === 'entry-point' || (inside.includes(packageOf(name)) && !optional)
          ? undefined
          : { path: name, external: true };
      });
    },
  };
}

/** `@nestjs/common/constants` is a file of `@nestjs/common`. */
function packageOf(name) {
  return name.split('/', name.startsWith('@') ? 2 : 1).join('/');
}
