// npm test [-- <pattern> ...]: installs and builds what is missing, runs every test, ends with one plain count.
import './lib/node-version.mjs';
import { buildStale } from './lib/build.mjs';
import { installDependencies } from './lib/install.mjs';
import { countLine, listSpecs, runJest, sum } from './lib/jest-run.mjs';
import { startPostgres } from './lib/postgres.mjs';
import { duration, main, say } from './lib/report.mjs';
import { endChildrenOnSignal } from './lib/run.mjs';
import { runSdkTests } from './lib/sdk-tests.mjs';
import { findChromium, findPostgres, REQUIREMENTS, requireFromSystem, wishFromSystem } from './lib/system.mjs';

/**
 * Specs whose cases are about files, frames, processes, output or settings and store nothing but events: what they ask of
 * the database is asked on both by the others.
 */
const ONE_DATABASE_IS_ENOUGH = [
  'test/faults/(chaos|files|frames|gateway|output|processes|version-1|websocket)-',
  'test/faults/(cgroups|host-lacks|storage-config)\\.',
  'test/e2e/(api-bundles|api-document|catalogue|contract|examples|licence-command|lifecycle-stop|plugin-updates|settings|web-sockets)\\.',
];

/** Each takes a core from its beginning to its end. */
const WORKERS_OF_UNIT_TESTS = 2;
/** One more than the two cores that the suite is made for: whoever starts processes waits for them a good part of its time. */
const WORKERS_OF_PROCESSES = 3;

/** Those of one `pool` run at once, in one Jest: the workers that one of them leaves idle at its end serve the others. */
const RUNS = [
  { name: 'unit', projects: ['unit', 'console'], needs: [] },
  { name: 'end to end on SQLite', projects: ['e2e'], needs: ['python'], wants: ['nginx'], pool: 'sqlite' },
  { name: 'SDKs', projects: ['sdk'], needs: ['python'], pool: 'sqlite', otherLanguages: true },
  { name: 'conformance', projects: ['conformance'], needs: ['python'], pool: 'sqlite' },
  { name: 'browser', projects: ['browser'], needs: ['python', 'chromium'], pool: 'sqlite' },
  {
    name: 'end to end on PostgreSQL',
    projects: ['e2e'],
    needs: ['python', 'postgres'],
    pool: 'postgres',
    leaveOut: ONE_DATABASE_IS_ENOUGH,
  },
];

await main(async () => {
  endChildrenOnSignal();
  const patterns = process.argv.slice(2);
  await installDependencies();
  const runs = await selectRuns(patterns);
  const needs = [...new Set(runs.flatMap((run) => run.needs))];
  await requireFromSystem(...needs.map((need) => REQUIREMENTS[need]));
  await wishFromSystem(...runs.flatMap(({ wants = [] }) => wants).map((want) => REQUIREMENTS[want]));
  if (runs.some((run) => run.pool)) await buildStale();

  const counts = [];
  for (const run of inPools(runs)) {
    const begin = Date.now();
    say(`\n== ${run.name}`);
    const count = await runOne(run, patterns);
    say(`== ${run.name}: ${countLine(count)} in ${duration(Date.now() - begin)}`);
    counts.push(count);
  }
  const total = sum(counts);
  say(`\n${countLine(total)}`);
  return total.failed > 0 || total.passed === 0 ? 1 : 0;
});

/** One run for each pool, in the place of its first. */
function inPools(runs) {
  const pools = new Map();
  for (const run of runs) {
    const key = run.pool ?? run.name;
    const before = pools.get(key);
    pools.set(key, before ? both(before, run) : run);
  }
  return [...pools.values()];
}

function both(one, other) {
  return {
    ...one,
    name: `${one.name}, ${other.name}`,
    projects: [...one.projects, ...other.projects],
    needs: [...one.needs, ...other.needs],
    otherLanguages: one.otherLanguages || other.otherLanguages,
  };
}

async function runOne(run, patterns) {
  if (run.pool === 'postgres') return onPostgres(run, patterns);
  // their own runners know nothing of our patterns
  const others = run.otherLanguages && patterns.length === 0 ? runSdkTests() : [];
  const [count, counts] = await Promise.all([runJestOf(run, patterns), others]);
  return sum([count, ...counts]);
}

function runJestOf(run, patterns, env = {}) {
  return runJest(run.projects, patterns, {
    env: { ...environmentOf(run), ...env },
    leaveOut: run.leaveOut,
    workers: run.pool ? WORKERS_OF_PROCESSES : WORKERS_OF_UNIT_TESTS,
  });
}

/** All runs, or those that have spec files for the patterns. */
async function selectRuns(patterns) {
  if (patterns.length === 0) return RUNS;
  const selected = [];
  for (const run of RUNS) if ((await listSpecs(run.projects, patterns)).length > 0) selected.push(run);
  return selected;
}

async function onPostgres(run, patterns) {
  const postgres = await startPostgres(findPostgres());
  try {
    const env = { TORU_TEST_DATABASE: 'postgres', TORU_TEST_POSTGRES_URL: postgres.url };
    return await runJestOf(run, patterns, env);
  } finally {
    await postgres.stop();
  }
}

function environmentOf(run) {
  return {
    TORU_TEST_DATABASE: 'sqlite',
    ...(run.needs.includes('chromium') ? { TORU_TEST_CHROMIUM: findChromium() } : {}),
  };
}
