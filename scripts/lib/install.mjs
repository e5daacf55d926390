import { existsSync } from 'node:fs';
import { fingerprint, readStamp, writeStamp } from './fingerprint.mjs';
import { ROOT, inRoot } from './paths.mjs';
import { duration, say, ScriptError, withProgress } from './report.mjs';
import { run } from './run.mjs';
import { REQUIREMENTS, requireFromSystem } from './system.mjs';

const STAMP = inRoot('node_modules/.toru-install-stamp');

/** Native modules are compiled for one ABI of Node: npm does not notice that Node has changed since. */
const nativeAbi = () => `${process.platform}-${process.arch}-abi${process.versions.modules}`;

/**
 * Installs the dependencies as the lock file says, if they are not there yet. `npm install` and not `npm ci`: the latter
 * refuses a lock file without entries for the binaries of foreign platforms. `--no-save` keeps the lock as it is.
 */
export async function installDependencies() {
  const wanted = `${fingerprint(ROOT, ['package-lock.json'], process.version)} ${nativeAbi()}`;
  const found = readStamp(STAMP);
  if (found === wanted) return;

  const builtForOtherNode = found !== undefined && !found.endsWith(nativeAbi());
  say(`Installing dependencies from package-lock.json${found ? '' : ' (some minutes the first time)'} ...`);
  if (!found) say('  Where no finished binary of better-sqlite3 can be fetched, it is compiled: that takes longest.');
  const begin = Date.now();
  if ((await npmInstall()) !== 0) {
    if (REQUIREMENTS.compiler.isThere()) throw installFailed();
    await requireFromSystem(REQUIREMENTS.compiler);
    if ((await npmInstall()) !== 0) throw installFailed();
  }
  if (builtForOtherNode && (await run('npm', ['rebuild', 'better-sqlite3'])).status !== 0) throw installFailed();
  if (!existsSync(inRoot('node_modules/better-sqlite3/build/Release/better_sqlite3.node'))) {
    throw new ScriptError('install_failed', 'better-sqlite3 was not built.', 'Run: npm rebuild better-sqlite3');
  }
  writeStamp(STAMP, wanted);
  say(`Dependencies installed in ${duration(Date.now() - begin)}.`);
}

function npmInstall() {
  // Development dependencies build the application: they are needed even where NODE_ENV is "production".
  const args = ['install', '--no-audit', '--no-fund', '--no-save', '--include=dev', '--loglevel=error'];
  return withProgress('installing', async () => (await run('npm', args)).status);
}

const installFailed = () =>
  new ScriptError(
    'install_failed',
    'npm install failed; its messages are above.',
    'Check the network and the free disk space, then run the same command again.',
  );
