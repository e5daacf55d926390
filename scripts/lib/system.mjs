import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { run, hasProgram } from './run.mjs';
import { ScriptError, say } from './report.mjs';

const POSTGRES_ROOT = '/usr/lib/postgresql';
const CLUSTER_SETTINGS = '/etc/postgresql-common/createcluster.conf';

const mayInstall = () => process.getuid?.() === 0 && existsSync('/usr/bin/apt-get');

/** Where Chromium is: `TORU_TEST_CHROMIUM`, or Debian's, or another build of it. */
export function findChromium() {
  const candidates = [
    process.env.TORU_TEST_CHROMIUM,
    '/usr/bin/chromium',
    '/usr/bin/chromium-browser',
    '/usr/bin/google-chrome',
  ];
  return candidates.find((file) => file && existsSync(file));
}

/** The folder with `initdb` and `postgres` of the newest installed PostgreSQL. */
export function findPostgres() {
  if (!existsSync(POSTGRES_ROOT)) return undefined;
  return readdirSync(POSTGRES_ROOT)
    .filter((version) => existsSync(path.join(POSTGRES_ROOT, version, 'bin/initdb')))
    .sort((a, b) => Number(b) - Number(a))
    .map((version) => path.join(POSTGRES_ROOT, version, 'bin'))[0];
}

/** What the scripts may need from the system: how to tell that it is there, and Debian's packages that bring it. */
export const REQUIREMENTS = {
  compiler: {
    purpose: 'compiling better-sqlite3, for which no prebuilt binary could be fetched',
    isThere: () => ['python3', 'make', 'g++'].every(hasProgram),
    packages: ['python3', 'make', 'g++'],
  },
  python: { purpose: 'the Python example', isThere: () => hasProgram('python3'), packages: ['python3'] },
  pythonVenv: {
    purpose: 'the tools of the Python SDK',
    isThere: () => spawnSync('python3', ['-c', 'import ensurepip, venv'], { stdio: 'ignore' }).status === 0,
    packages: ['python3-venv'],
  },
  chromium: {
    purpose: 'the browser tests',
    isThere: () => findChromium() !== undefined,
    packages: ['chromium', 'fonts-noto-color-emoji'],
  },
  nginx: {
    purpose: 'the comparison of the gateway with nginx',
    isThere: () => ['/usr/sbin/nginx', '/usr/bin/nginx', '/usr/local/sbin/nginx'].some(existsSync),
    packages: ['nginx-light'],
  },
  postgres: {
    purpose: 'the tests on PostgreSQL',
    isThere: () => findPostgres() !== undefined,
    packages: ['postgresql'],
    prepare: doWithoutMainCluster,
  },
};

/** The tests start a cluster of their own: the package must not create and start another one. */
function doWithoutMainCluster() {
  if (existsSync(CLUSTER_SETTINGS)) return;
  mkdirSync(path.dirname(CLUSTER_SETTINGS), { recursive: true });
  writeFileSync(CLUSTER_SETTINGS, 'create_main_cluster = false\n');
}

/** Installs what is missing where this is possible (root, Debian's apt), otherwise says exactly what to install. */
export async function requireFromSystem(...requirements) {
  const missing = requirements.filter((requirement) => !requirement.isThere());
  if (missing.length === 0) return;
  const packages = [...new Set(missing.flatMap((requirement) => requirement.packages))];
  const purposes = missing.map((requirement) => requirement.purpose).join(', ');
  const hint = `Install it, on Debian: apt-get install ${packages.join(' ')}`;
  if (!mayInstall()) throw new ScriptError('missing_packages', `Something is missing for ${purposes}.`, hint);

  say(`Installing ${packages.join(' ')} for ${purposes} ...`);
  for (const requirement of missing) requirement.prepare?.();
  await apt('update');
  await apt('install', '--no-install-recommends', '-o', 'Dpkg::Options::=--force-confold', ...packages);
  const still = missing.filter((requirement) => !requirement.isThere());
  if (still.length > 0) throw new ScriptError('missing_packages', 'The packages did not bring what is needed.', hint);
}

/** The same for what the tests can do without: in CI it has to be there, elsewhere its cases are counted as skipped. */
export async function wishFromSystem(...wishes) {
  if (process.env.CI || mayInstall()) return requireFromSystem(...wishes);
  for (const { purpose, packages, isThere } of wishes) {
    if (!isThere()) say(`Left out, and counted as skipped: ${purpose}, which needs ${packages.join(' ')}.`);
  }
}

async function apt(...args) {
  const { status, output } = await run('apt-get', ['-y', '-q', ...args], {
    capture: true,
    env: { DEBIAN_FRONTEND: 'noninteractive' },
  });
  if (status === 0) return;
  const tail = output.trim().split('\n').slice(-3).join(' | ');
  throw new ScriptError('apt_failed', `apt-get ${args[0]} failed: ${tail}`);
}
