import { chmodSync, copyFileSync, existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { filesBelow, fingerprint, readStamp, writeStamp } from './fingerprint.mjs';
import { ROOT, inRoot } from './paths.mjs';
import { duration, say, ScriptError, withProgress } from './report.mjs';
import { runNode } from './run.mjs';

/** The source of each example that `npm start` puts in place; its executable form is `dist/examples/<id>.binary`. */
export const EXAMPLES = {
  'hello-python': 'examples/hello-python/hello_python.py',
  'hello-node': 'examples/hello-node/hello-node.ts',
};

/** The same, for those that nobody puts in place. */
const MORE_EXAMPLES = {
  'stream-node': 'examples/stream-node/stream-node.ts',
};

const isTypeScript = ([, source]) => source.endsWith('.ts');
const ALL_EXAMPLES = Object.entries({ ...EXAMPLES, ...MORE_EXAMPLES });
/** One file as it is, and those that are built with the TypeScript SDK. */
const SCRIPT_EXAMPLES = ALL_EXAMPLES.filter((example) => !isTypeScript(example));
const SDK_EXAMPLES = ALL_EXAMPLES.filter(isTypeScript);
const executableOf = ([id]) => `dist/examples/${id}.binary`;

const TARGETS = [
  {
    name: 'server',
    inputs: ['apps/server', 'libs', 'nest-cli.json', 'tsconfig.json', 'package-lock.json'],
    outputs: ['dist/apps/server/main.js', 'dist/apps/server/packages.js', 'dist/apps/server/spawner.js'],
    build: () => runNode('node_modules/@nestjs/cli/bin/nest.js', ['build', 'server'], { capture: true }),
  },
  {
    name: 'console',
    inputs: ['apps/console', 'libs/contracts', 'angular.json', 'tsconfig.json', 'package-lock.json'],
    outputs: ['dist/apps/console/browser/index.html'],
    build: () =>
      runNode('node_modules/@angular/cli/bin/ng.js', ['build', 'console'], {
        capture: true,
        env: { NG_CLI_ANALYTICS: 'false' },
      }),
  },
  {
    name: 'examples',
    inputs: SCRIPT_EXAMPLES.map(([, source]) => source),
    outputs: SCRIPT_EXAMPLES.map(executableOf),
    build: () => {
      for (const example of SCRIPT_EXAMPLES) copyExecutable(example[1], executableOf(example));
      return { status: 0, output: '' };
    },
  },
  {
    name: 'command line',
    inputs: [
      ...[
        'apps/cli',
        'libs/contracts/src',
        'libs/licensing/src',
        'libs/protocol/src',
        'libs/sdk/typescript/build',
        'scripts/build-cli.mjs',
      ],
      ...['tsconfig.json', 'package-lock.json'],
    ],
    outputs: ['dist/apps/cli/main.js'],
    build: () => runNode('scripts/build-cli.mjs', [], { capture: true }),
  },
  {
    name: 'SDKs for new plugins',
    inputs: [
      ...[
        'libs/contracts/src',
        'libs/licensing/src',
        'libs/protocol/src',
        'libs/sdk/typescript',
        'libs/sdk/python/README.md',
      ],
      ...['libs/sdk/python/src', 'libs/sdk/rust/Cargo.toml', 'libs/sdk/rust/README.md', 'libs/sdk/rust/src'],
      ...[
        'scripts/build-sdks.mjs',
        'scripts/lib/declarations.mjs',
        'tsconfig.json',
        'Cargo.toml',
        'Cargo.lock',
        'package-lock.json',
      ],
    ],
    outputs: ['typescript/index.js', 'python/__init__.py', 'rust/Cargo.toml'].map(
      (file) => `dist/apps/cli/sdk/${file}`,
    ),
    build: () => runNode('scripts/build-sdks.mjs', [], { capture: true }),
  },
  {
    name: 'SDK examples',
    inputs: [
      ...[
        'libs/contracts/src',
        'libs/licensing/src',
        'libs/protocol/src',
        'libs/sdk/typescript',
        'scripts/build-plugin.mjs',
      ],
      ...['package-lock.json', ...SDK_EXAMPLES.map(([, source]) => path.dirname(source))],
    ],
    outputs: SDK_EXAMPLES.map(executableOf),
    build: buildSdkExamples,
  },
];

/** Builds what is older than its sources, of all or `only` some. Tests beside the sources do not make a build stale. */
export async function buildStale({ only = TARGETS.map(({ name }) => name), tell = say } = {}) {
  const stale = TARGETS.filter(({ name }) => only.includes(name)).filter(isStale);
  for (const [index, target] of stale.entries()) {
    const place = stale.length > 1 ? ` (${index + 1} of ${stale.length})` : '';
    await buildTarget(target, place, tell);
  }
}

const stampOf = ({ name }) => inRoot('dist/.stamps', name);
const isMissing = (file) => !existsSync(inRoot(file));

function fingerprintOf({ inputs }) {
  const files = filesBelow(ROOT, inputs, (file) => !file.endsWith('.spec.ts') && !file.includes('/testing/'));
  return fingerprint(ROOT, files);
}

function isStale(target) {
  return target.outputs.some(isMissing) || readStamp(stampOf(target)) !== fingerprintOf(target);
}

async function buildTarget(target, place, tell) {
  const { name, outputs, build } = target;
  // before it is built: what changes meanwhile makes it stale again
  const wanted = fingerprintOf(target);
  tell(`Building ${name}${place} ...`);
  const begin = Date.now();
  const { status, output } = await withProgress(`building ${name}`, build, tell);
  const missing = outputs.filter(isMissing);
  if (status !== 0 || missing.length > 0) {
    console.error(output);
    const reason = status === 0 ? `left out ${missing.join(', ')}` : `ended with status ${status}`;
    throw new ScriptError('build_failed', `The build of ${name} ${reason}; its messages are above.`);
  }
  writeStamp(stampOf(target), wanted);
  tell(`Built ${name} in ${duration(Date.now() - begin)}.`);
}

/** In a process of its own: esbuild is there only once the dependencies are installed. */
async function buildSdkExamples() {
  let result = { status: 0, output: '' };
  for (const example of SDK_EXAMPLES) {
    const [, source] = example;
    result = await runNode('scripts/build-plugin.mjs', [source, '-o', executableOf(example)], { capture: true });
    if (result.status !== 0) break;
  }
  return result;
}

function copyExecutable(source, target) {
  mkdirSync(path.dirname(inRoot(target)), { recursive: true });
  copyFileSync(inRoot(source), inRoot(target));
  chmodSync(inRoot(target), 0o755);
}
