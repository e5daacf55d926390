// npm run check [-- --static]: every check of the project; with --static all but the tests. Failures are listed at the end.
import './lib/node-version.mjs';
import { buildStale } from './lib/build.mjs';
import { installDependencies } from './lib/install.mjs';
import { checkPythonTypes } from './lib/python-check.mjs';
import { duration, main, say, ScriptError } from './lib/report.mjs';
import { endChildrenOnSignal, runNode, throwIfInterrupted } from './lib/run.mjs';

const bin = (script, ...args) => ({ script: `node_modules/${script}`, args });

const STEPS = [
  { name: 'format', ...bin('prettier/bin/prettier.cjs', '--check', '--log-level=warn', '.') },
  { name: 'lint', ...bin('eslint/bin/eslint.js', '.', '--max-warnings=0') },
  {
    name: 'directions',
    ...bin('dependency-cruiser/bin/dependency-cruise.mjs', 'apps', 'libs', '--output-type=err'),
  },
  { name: 'unused', ...bin('knip/bin/knip.js') },
  { name: 'types', ...bin('typescript/bin/tsc', '--noEmit', '-p', 'tsconfig.json') },
  {
    name: 'types of the console',
    ...bin('@angular/compiler-cli/bundles/src/bin/ngc.js', '--noEmit', '-p', 'apps/console/tsconfig.json'),
  },
  { name: 'types of the Python SDK', body: checkPythonTypes },
  { name: 'build', body: buildStale },
  { name: 'tests', script: 'scripts/test.mjs', args: [], notStatic: true },
];

await main(async () => {
  endChildrenOnSignal();
  await installDependencies();
  const onlyStatic = process.argv.includes('--static');
  const failed = [];
  for (const step of STEPS.filter((each) => !(onlyStatic && each.notStatic))) {
    const begin = Date.now();
    say(`\n== ${step.name}`);
    const passed = await runStep(step);
    say(`== ${step.name}: ${passed ? 'passed' : 'FAILED'} in ${duration(Date.now() - begin)}`);
    if (!passed) failed.push(step.name);
  }
  say(failed.length === 0 ? '\nAll checks passed.' : `\nFailed: ${failed.join(', ')}`);
  return failed.length === 0 ? 0 : 1;
});

async function runStep(step) {
  try {
    if (!step.body) return (await runNode(step.script, step.args)).status === 0;
    await step.body();
    return true;
  } catch (error) {
    throwIfInterrupted();
    if (!(error instanceof ScriptError)) throw error;
    console.error(`error[${error.code}]: ${error.message}`);
    return false;
  }
}
