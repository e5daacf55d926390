// The npm packages of the host in one file beside it: a host that loads 1,800 files of packages spends most of its start
// on that (docs/adr/0018).
import { readFile, writeFile } from 'node:fs/promises';
import { builtinModules } from 'node:module';
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

/** An import as Rspack writes it for what is outside of its own file. */
const IMPORT = /^import \* as (?<name>\w+) from "(?<from>[^"]+)";$/gm;

/**
 * Writes `packages.js` beside the compiled file, with all that it imports from node_modules, and lets the file import it
 * from there. The packages have no source map: to read one took a tenth of a start, and 70 MB of memory with all in it.
 */
export async function bundlePackages(file) {
  const text = await readFile(file, 'utf8');
  const imported = [...text.matchAll(IMPORT)].map(({ groups }) => groups.from).filter(isPackage);
  const bundle = path.join(path.dirname(file), 'packages.js');
  await build({
    stdin: {
      contents: imported.map((from, at) => `export * as ${nameOf(at)} from '${from}';`).join('\n'),
      resolveDir: path.dirname(file),
      // with this ending, packages in CommonJS are imported as Node does it
      sourcefile: 'packages.mjs',
    },
    outfile: bundle,
    banner: { js: COMMON_JS },
    bundle: true,
    external: [...OUTSIDE, ...LOADED_WHEN_USED, ...NOT_USED.flatMap((name) => [name, `${name}/*`])],
    format: 'esm',
    // names of classes are names in the database and in the log
    keepNames: true,
    logLevel: 'warning',
    platform: 'node',
    plugins: [fitForOneFile],
    target: 'node20',
  });
  await nameClassesAlone(bundle);
  // a line for a line, so that the source map stays right
  const linked = text.replace(IMPORT, (line, name, from) =>
    isPackage(from) ? `import { ${nameOf(imported.indexOf(from))} as ${name} } from "./packages.js";` : line,
  );
  await writeFile(file, linked);
}

const isPackage = (from) => !from.startsWith('node:') && !builtinModules.includes(from) && !OUTSIDE.includes(from);
const nameOf = (at) => `package_${at}`;

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

const fitForOneFile = {
  name: 'fit-for-one-file',
  setup: ({ onLoad }) => {
    onLoad({ filter: /\/node_modules\/(typeorm|libphonenumber-js|cron|iconv-lite)\// }, ({ path: file }) =>
      NOT_REACHED.some((pattern) => pattern.test(file))
        ? { contents: 'module.exports = {};', loader: 'js' }
        : undefined,
    );
    onLoad({ filter: /node_modules\/.*\.[cm]?js$/ }, async ({ path: file }) => {
      const text = await readFile(file, 'utf8');
      // a require that the bundler does not see would load a second copy of a package beside the one in the bundle
      return { contents: text.replace(/^const require = createRequire\(import\.meta\.url\);$/m, ''), loader: 'js' };
    });
  },
};
