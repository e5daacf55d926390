import { inRoot } from './paths.mjs';
import { pythonTools } from './python-tools.mjs';
import { say } from './report.mjs';
import { hasProgram, run } from './run.mjs';

/** The tests of the SDKs in other languages, each with its own language's runner. */
const SDKS = [
  {
    name: 'Python SDK',
    program: 'python3',
    // With hypothesis where it can be had; without it the tests count as skipped what they leave out.
    better: pythonTools,
    args: ['-m', 'unittest', 'discover', '-s', 'libs/sdk/python/tests', '-t', 'libs/sdk/python'],
    count: countUnittest,
  },
  {
    name: 'Rust SDK',
    program: 'cargo',
    args: ['test', '--workspace', '--quiet'],
    count: countCargo,
  },
];

/**
 * Runs them one after the other. A language that is not installed is left out and said so; in CI, where all of them have
 * to be there, that is a failure.
 */
export async function runSdkTests() {
  const counts = [];
  for (const { name, program, better, args, count } of SDKS) {
    if (!hasProgram(program)) {
      const needed = process.env.CI === 'true';
      say(`${name}: ${program} is not installed, so its tests ${needed ? 'fail' : 'are left out'}.`);
      counts.push({ passed: 0, failed: needed ? 1 : 0, skipped: needed ? 0 : 1 });
      continue;
    }
    say(`${name} ...`);
    const { status, output } = await run((await better?.()) ?? program, args, { cwd: inRoot('.'), capture: true });
    const result = count(output);
    if (status !== 0 && result.failed === 0) result.failed = 1;
    if (result.failed > 0 || result.passed === 0) console.error(output);
    if (result.passed === 0 && result.failed === 0) result.failed = 1;
    say(`${name}: ${result.passed} passed, ${result.failed} failed, ${result.skipped} skipped`);
    counts.push(result);
  }
  return counts;
}

/** unittest ends with `Ran 72 tests in 40 s` and `OK (skipped=1)` or `FAILED (failures=1, errors=2)`. */
export function countUnittest(output) {
  const ran = number(/^Ran (\d+) tests?/m, output);
  const failed = number(/failures=(\d+)/, output) + number(/errors=(\d+)/, output);
  const skipped = number(/skipped=(\d+)/, output);
  return { passed: Math.max(0, ran - failed - skipped), failed, skipped };
}

/** cargo prints a line `test result: ok. 30 passed; 0 failed; 1 ignored; …` for each test program. */
export function countCargo(output) {
  const total = { passed: 0, failed: 0, skipped: 0 };
  for (const [, passed, failed, ignored] of output.matchAll(
    /test result: \S+ (\d+) passed; (\d+) failed; (\d+) ignored/g,
  )) {
    total.passed += Number(passed);
    total.failed += Number(failed);
    total.skipped += Number(ignored);
  }
  return total;
}

function number(pattern, text) {
  return Number(pattern.exec(text)?.[1] ?? 0);
}
