import { rmSync } from 'node:fs';
import path from 'node:path';
import {
  DEFAULT_OPTIONS,
  ROUTES,
  runConformance,
  type CheckResult,
  type ConformanceOptions,
} from '../../apps/cli/src/conformance';
import { issueForLicensedPython, issueForLicensedRust } from '../support/demo-licences';
import {
  buildGo,
  buildPython,
  buildRust,
  buildTypeScript,
  copyBuiltExample,
  hasCargo,
  hasGo,
  newDirectory,
  type RustPlugins,
} from './build-plugins';

const available = hasCargo();
if (!available && process.env['CI'] !== 'true') {
  console.warn(
    'The Rust plugins were NOT checked: there is no cargo here. Install Rust 1.88 or newer (https://rustup.rs).',
  );
}
if (!hasGo() && process.env['CI'] !== 'true') {
  console.warn('The example in Go was NOT checked: there is no go here. Install Go 1.25 or newer (https://go.dev).');
}
// In CI a missing toolchain fails; on a machine of one's own it is told and left out.
const itWithGo = hasGo() || process.env['CI'] === 'true' ? it : it.skip;
const itWithCargo = available || process.env['CI'] === 'true' ? it : it.skip;

const ROOT = path.resolve(import.meta.dirname, '../..');
/** A first build of the Rust plugins downloads and compiles every dependency; beside it others want the cores. */
const BUILD_TIMEOUT_MS = 1_800_000;
/** Only a plugin that hangs reaches it, or a kit that does. */
const RUN_TIMEOUT_MS = 600_000;
/** Only a plugin that hangs reaches it. */
const PATIENCE = {
  ...{ timeoutMs: 30_000, graceMs: 30_000, killDelayMs: 30_000, readyTimeoutMs: 60_000, metadataTimeoutMs: 60_000 },
};
/** A process of its own for each of these, and the SDK alone answers for them: its own plugin below is tried with them. */
const OF_THE_SDK = ['v2/refuse'];
const COMPLETE = { routes: ROUTES, kvStore: true } as const;
/** What is in the examples anyway, and lets more be tried. */
const ROUTES_OF_EXAMPLES: Readonly<Record<string, ConformanceOptions['routes']>> = {
  'stream-node': { download: '/download' },
};

/** The installation that the licence keys of the examples are for. */
const instanceId = '3f8e2a64-5b1c-4d7e-9a02-c6d41b7f0e58';

let directory: string;
beforeAll(() => {
  directory = newDirectory();
});
afterAll(() => {
  rmSync(directory, { recursive: true, force: true });
});

async function resultsOf(
  executable: string,
  options: Partial<ConformanceOptions> = {},
): Promise<readonly CheckResult[]> {
  const { results } = await runConformance({ ...DEFAULT_OPTIONS, ...PATIENCE, executable, ...options });
  return results;
}

/** What the report tells of it, which is nothing if it conforms. */
function failures(results: readonly CheckResult[]): readonly string[] {
  return results
    .filter(({ status }) => status === 'failed' || status === 'warned')
    .map(({ id, happened }) => `${id}: ${happened ?? ''}`);
}

/** The same, where nothing may be left out either. */
function notPassed(results: readonly CheckResult[]): readonly string[] {
  return results.filter(({ status }) => status !== 'passed').map(({ id, happened }) => `${id}: ${happened ?? ''}`);
}

describe('the examples', () => {
  it(
    '[LANG-2] [LANG-4] hello-python, version 1 by hand, conforms',
    async () => {
      const results = await resultsOf(path.join(ROOT, 'examples/hello-python/hello_python.py'));

      expect(failures(results)).toEqual([]);
      expect(results.filter(({ status }) => status === 'passed').length).toBeGreaterThan(25);
    },
    RUN_TIMEOUT_MS,
  );

  it.each(['hello-node', 'stream-node'])(
    '[LANG-3] [LANG-4] %s conforms',
    async (name) => {
      const file = copyBuiltExample(name, directory);
      const results = await resultsOf(file, { skip: OF_THE_SDK, routes: ROUTES_OF_EXAMPLES[name] ?? {} });

      expect(failures(results)).toEqual([]);
      expect(results.filter(({ status }) => status === 'passed').length).toBeGreaterThan(35);
    },
    RUN_TIMEOUT_MS,
  );

  it(
    '[LANG-2] [LANG-4] hello-python-sdk conforms',
    async () => {
      const file = buildPython('examples/hello-python-sdk/hello_python_sdk.py', directory, ['bundle.js']);
      const results = await resultsOf(file, { skip: OF_THE_SDK });

      expect(failures(results)).toEqual([]);
      expect(results.filter(({ status }) => status === 'passed').length).toBeGreaterThan(35);
    },
    RUN_TIMEOUT_MS,
  );

  it(
    '[LANG-2] [LANG-4] [LIC-2] licensed-python conforms with its licence key',
    async () => {
      const file = buildPython('examples/licensed-python/licensed_python.py', directory);
      const licenseKey = issueForLicensedPython(instanceId);
      const results = await resultsOf(file, { skip: OF_THE_SDK, instanceId, licenseKey });

      expect(failures(results)).toEqual([]);
      expect(results.filter(({ status }) => status === 'passed').length).toBeGreaterThan(35);
    },
    RUN_TIMEOUT_MS,
  );
});

describe('the example in Go', () => {
  /** What it leaves out to be short: docs/any-language.md says so. */
  const TAKEN = ['too-deep', 'no-request-id', 'second-init', 'no-method', 'two-bodies', 'even-stream'];

  let file: string;
  // the first build compiles Go's own packages
  beforeAll(() => {
    if (hasGo()) file = buildGo('examples/hello-go/main.go', directory);
  }, BUILD_TIMEOUT_MS);

  itWithGo(
    '[LANG-4] hello-go, version 2 by hand, conforms but for refusing messages that no host sends',
    async () => {
      const results = await resultsOf(file, { skip: TAKEN.map((name) => `v2/refuse-${name}`) });

      // it takes no feature, and no host asks for what a plugin has not taken
      const unasked = results.filter(({ happened }) => happened?.includes('does not list the feature') === true);

      expect(failures(results)).toEqual([]);
      expect(results.filter(({ status }) => status === 'passed').length).toBeGreaterThan(35);
      expect(unasked.map(({ id, status }) => `${id} ${status}`)).toEqual([
        'v2/stream-request skipped',
        'v2/late-data skipped',
        'v2/kv-host skipped',
        'v2/kv-host-invalid skipped',
        'v2/upgrade-answered skipped',
      ]);
    },
    RUN_TIMEOUT_MS,
  );
});

describe('plugins in Rust', () => {
  let plugins: RustPlugins;
  beforeAll(() => {
    if (available) plugins = buildRust();
  }, BUILD_TIMEOUT_MS);

  itWithCargo(
    '[LANG-1] [LANG-4] the examples conform',
    async () => {
      const licensed = { instanceId, licenseKey: issueForLicensedRust(instanceId) };
      const results = await Promise.all([
        ...plugins.examples.map((file) => resultsOf(file, { skip: OF_THE_SDK })),
        resultsOf(plugins.licensed, { skip: OF_THE_SDK, ...licensed }),
      ]);

      expect(results.map(failures)).toEqual([[], [], []]);
      for (const each of results) {
        expect(each.filter(({ status }) => status === 'passed').length).toBeGreaterThan(35);
      }
    },
    RUN_TIMEOUT_MS,
  );

  itWithCargo(
    '[LANG-1] [LANG-4] [PRO-6] [KV-8] the SDK conforms in both versions, with nothing left out',
    async () => {
      const runs = ['1', '2'].map((version) =>
        resultsOf(plugins.complete, { ...COMPLETE, env: { PROTOCOL: version } }),
      );
      const results = await Promise.all(runs);

      expect(results.map(notPassed)).toEqual([[], []]);
      expect(results.map(({ length }) => length > 30)).toEqual([true, true]);
    },
    RUN_TIMEOUT_MS,
  );
});

describe('the SDKs, with every route', () => {
  it(
    '[LANG-3] [LANG-4] [PRO-6] [KV-8] TypeScript conforms, with nothing left out',
    async () => {
      const file = buildTypeScript('test/fixtures/conformance/sdk-typescript.ts', directory);

      expect(notPassed(await resultsOf(file, COMPLETE))).toEqual([]);
    },
    RUN_TIMEOUT_MS,
  );

  describe('Python', () => {
    let file: string;
    beforeAll(() => {
      file = buildPython('test/fixtures/conformance/sdk_python.py', directory);
    });

    it.each([1, 2])(
      '[LANG-2] [LANG-4] [PRO-6] [KV-8] conforms in version %i, with nothing left out',
      async (protocol) => {
        const env = { PROTOCOL: String(protocol) };

        expect(notPassed(await resultsOf(file, { ...COMPLETE, env }))).toEqual([]);
      },
      RUN_TIMEOUT_MS,
    );
  });
});
