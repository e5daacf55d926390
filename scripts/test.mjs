// npm test [-- <pattern> ...]: installs and builds what is missing, runs every test, ends with one plain count.
import './lib/node-version.mjs';
import { buildStale } from './lib/build.mjs';
import { installDependencies } from './lib/install.mjs';
import { countLine, listSpecs, runJest, sum } from './lib/jest-run.mjs';
import { startPostgres } from './lib/postgres.mjs';
import { duration, main, say } from './lib/report.mjs';
import { pathOfPython } from './lib/python-path.mjs';
import { pythonTools } from './lib/python-tools.mjs';
import { endChildrenOnSignal } from './lib/run.mjs';
import { runSdkTests } from './lib/sdk-tests.mjs';
import { findChromium, findPostgres, REQUIREMENTS, requireFromSystem, wishFromSystem } from './lib/system.mjs';

/** One more than the two cores that the suite is made for: whoever starts processes waits for them a good part of its time. */
const WORKERS = 3;

/** What there is to run. All of it runs at once, in one Jest: a worker that one part leaves idle at its end serves the others. */
const PARTS = [
  { name: 'unit', projects: ['unit', 'console'], needs: [] },
  { name: 'end to end on SQLite', projects: ['e2e'], needs: ['python'], wants: ['nginx'], built: true },
  { name: 'end to end on PostgreSQL', projects: ['e2e-postgres'], needs: ['python', 'postgres'], built: true },
  { name: 'SDKs', projects: ['sdk'], needs: ['python'], built: true, otherLanguages: true, pythonTools: true },
  { name: 'conformance', projects: ['conformance'], needs: ['python'], built: true },
  { name: 'browser', projects: ['browser'], needs: ['python', 'chromium'], built: true },
];

await main(async () => {
  endChildrenOnSignal();
  const patterns = process.argv.slice(2);
  await installDependencies();
  const parts = await selectParts(patterns);
  const needs = [...new Set(parts.flatMap((part) => part.needs))];
  await requireFromSystem(...needs.map((need) => REQUIREMENTS[need]));
  await wishFromSystem(...parts.flatMap(({ wants = [] }) => wants).map((want) => REQUIREMENTS[want]));
  // before all that use them start side by side: each would install them
  if (parts.some(({ pythonTools: used }) => used)) await pythonTools();
  if (parts.some(({ built }) => built)) await buildStale();

  const begin = Date.now();
  say(`\n== ${parts.map(({ name }) => name).join(', ')}`);
  const postgres = needs.includes('postgres') ? await startPostgres(findPostgres()) : undefined;
  try {
    // their own runners know nothing of our patterns
    const others = parts.some(({ otherLanguages }) => otherLanguages) && patterns.length === 0 ? runSdkTests() : [];
    const jest = runJest(projectsOf(parts), patterns, { workers: WORKERS, env: environmentOf(needs, postgres) });
    const [count, counts] = await Promise.all([jest, others]);
    const total = sum([count, ...counts]);
    say(`\nRan for ${duration(Date.now() - begin)}.`);
    say(`\n${countLine(total)}`);
    return total.failed > 0 || total.passed === 0 ? 1 : 0;
  } finally {
    await postgres?.stop();
  }
});

/** All parts, or those that have spec files for the patterns. */
async function selectParts(patterns) {
  if (patterns.length === 0) return PARTS;
  const selected = [];
  for (const part of PARTS) if ((await listSpecs(part.projects, patterns)).length > 0) selected.push(part);
  return selected;
}

function projectsOf(parts) {
  return parts.flatMap(({ projects }) => projects);
}

function environmentOf(needs, postgres) {
  return {
    PATH: pathOfPython(),
    TORU_TEST_DATABASE: 'sqlite',
    ...(postgres ? { TORU_TEST_POSTGRES_URL: postgres.url } : {}),
    ...(needs.includes('chromium') ? { TORU_TEST_CHROMIUM: findChromium() } : {}),
  };
}
