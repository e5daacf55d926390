// What `nest build server` makes: one file with the npm packages in it. A host that loads 1,800 files of packages spends
// most of its start on that.
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { build } from 'esbuild';

/** Stay in node_modules: they come with native code, or find their own files by their own place. */
const OUTSIDE = ['@node-rs/argon2', 'better-sqlite3', 'swagger-ui-dist'];

/** Parts of Nest and drivers of TypeORM that this host does not use; their packages are not installed. */
const NOT_USED = [
  ...['@nestjs/microservices', '@nestjs/websockets', '@nestjs/platform-fastify', '@fastify/static', '@fastify/view'],
  ...['@google-cloud/spanner', '@sap/hana-client', 'hdb-pool', 'ioredis', 'mongodb', 'mssql', 'mysql', 'mysql2'],
  ...['oracledb', 'pg-native', 'pg-query-stream', 'react-native-sqlite-storage', 'redis', 'sql.js', 'sqlite3'],
  ...['typeorm-aurora-data-api-driver', 'expo-sqlite', 'class-transformer/storage'],
];

/** Loaded from node_modules by the one part of Nest that uses it, if ever: a validator of uploaded files. */
const LOADED_WHEN_USED = ['file-type'];

/**
 * Files that packages load at their start and that nothing here reaches: other databases, phone numbers, times of cron,
 * character sets that no JSON has. They are empty in the bundle: V8 would read their two megabytes at each start, which
 * was a tenth of it.
 */
const NOT_REACHED = [
  /\/typeorm\/driver\/(?!better-sqlite3\/|postgres\/|sqlite-abstract\/)[a-z0-9-]+\/\w+Driver\.js$/,
  /\/libphonenumber-js\/.*js$/,
  /\/cron\/dist\/.*\.js$/,
  /\/iconv-lite\/encodings\/tables\/[\w-]+\.json$/,
];

/** What packages in CommonJS expect to find, in a file that is an ES module. */
const COMMON_JS = [
  "import { createRequire as createRequireOfHost } from 'node:module';",
  'const require = createRequireOfHost(import.meta.url);',
  'const __filename = import.meta.filename;',
  'const __dirname = import.meta.dirname;',
].join('\n');

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

/** Rspack has compiled the decorators and their metadata, which esbuild cannot; esbuild then puts the packages in. */
class BundlePackages {
  apply(compiler) {
    compiler.hooks.afterEmit.tapPromise('BundlePackages', async ({ outputOptions }) => {
      const file = path.join(outputOptions.path, outputOptions.filename);
      await build({
        entryPoints: [file],
        outfile: file,
        allowOverwrite: true,
        banner: { js: COMMON_JS },
        bundle: true,
        external: [...OUTSIDE, ...LOADED_WHEN_USED, ...NOT_USED.flatMap((name) => [name, `${name}/*`])],
        format: 'esm',
        // names of classes are names in the OpenAPI document, in the database and in the log
        keepNames: true,
        logLevel: 'warning',
        platform: 'node',
        plugins: [packages],
        sourcemap: true,
        target: 'node20',
      });
      await nameClassesAlone(file);
      await buildSpawner(path.dirname(file));
    });
  }
}

const NAMING = 'var __name = (target, value) => __defProp(target, "name", { value, configurable: true });';

/**
 * The bundler names functions as well, also those that are made with each request, which costs more than what they do.
 * What is looked at are the names of classes, and of `type: () => …`, which OpenAPI decorators tell from classes by it.
 */
async function nameClassesAlone(file) {
  const text = await readFile(file, 'utf8');
  const [before, after] = text.split(NAMING);
  if (after === undefined) throw new Error(`${file} does not name classes as it did: see keepNames`);
  const naming = `${NAMING.replace('__name', '__nameClass')}var __name = (target) => target;`;
  const named = after.replace(/((?:static \{|\btype:)\s*(?:\/\* @__PURE__ \*\/ )?)__name\(/g, '$1__nameClass(');
  await writeFile(file, `${before}${naming}${named}`);
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

const packages = {
  name: 'packages',
  setup: ({ onLoad }) => {
    onLoad({ filter: /\/node_modules\/(typeorm|libphonenumber-js|cron|iconv-lite)\// }, ({ path: file }) =>
      NOT_REACHED.some((pattern) => pattern.test(file))
        ? { contents: 'module.exports = {};', loader: 'js' }
        : undefined,
    );
    onLoad({ filter: /node_modules\/.*\.[cm]?js$/ }, async ({ path: file }) => {
      const text = await readFile(file, 'utf8');
      // a require that the bundler does not see would load a second copy of a package beside the one in the bundle
      const seen = text.replace(/^const require = createRequire\(import\.meta\.url\);$/m, '');
      const withoutMap = seen.replace(/^\/\/# sourceMappingURL=.*$/gm, '');
      return { contents: `${withoutMap}\n${mapToFileAlone(file)}`, loader: 'js' };
    });
  },
};

/** The host's own lines are traced back to its sources; a whole map of all packages would cost 70 MB of memory. */
function mapToFileAlone(file) {
  const map = JSON.stringify({ version: 3, sources: [path.basename(file)], sourcesContent: [''], mappings: 'AAAA' });
  return `//# sourceMappingURL=data:application/json;base64,${Buffer.from(map).toString('base64')}`;
}
