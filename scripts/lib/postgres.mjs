import { execFileSync, spawn } from 'node:child_process';
import { chownSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { run } from './run.mjs';
import { ScriptError } from './report.mjs';

/** Only what hangs reaches either of them, on a busy machine too. */
const READY_TIMEOUT_MS = 120_000;
const STOP_TIMEOUT_MS = 60_000;

/**
 * Starts a PostgreSQL of its own: a new cluster in a temporary directory, on a Unix socket only. `bin` is the folder of
 * its programs. Resolves with the URL of its database `postgres` and with `stop()`, which leaves nothing behind.
 */
export async function startPostgres(bin) {
  const owner = unprivilegedUser();
  // Not os.tmpdir(): a socket's path may have 107 bytes, and the other user must be able to enter every folder of it.
  const directory = mkdtempSync('/tmp/toru-pg-');
  const data = path.join(directory, 'data');
  const log = path.join(directory, 'log');
  mkdirSync(data, { mode: 0o700 });
  for (const each of owner ? [directory, data] : []) chownSync(each, owner.uid, owner.gid);
  const remove = () => rmSync(directory, { recursive: true, force: true });

  try {
    const initdb = ['-D', data, '-U', 'toru', '--auth=trust', '-E', 'UTF8', '--locale=C.UTF-8', '--no-sync'];
    await mustSucceed(path.join(bin, 'initdb'), initdb, owner);
    // Durability is not under test here: the host is killed, the database is not.
    const settings = ['listen_addresses=', 'fsync=off', 'synchronous_commit=off', 'full_page_writes=off'];
    const server = spawn(
      'sh',
      ['-c', 'exec "$0" "$@" >"$LOG" 2>&1', path.join(bin, 'postgres'), '-D', data, '-k', directory].concat(
        settings.flatMap((setting) => ['-c', setting]),
      ),
      { ...owner, cwd: directory, env: { PATH: process.env.PATH, LOG: log }, stdio: 'ignore' },
    );
    const exited = new Promise((resolve) => server.once('exit', resolve));
    const stop = async () => {
      server.kill('SIGINT');
      const timer = setTimeout(() => server.kill('SIGKILL'), STOP_TIMEOUT_MS);
      await exited;
      clearTimeout(timer);
      remove();
    };
    try {
      await untilReady(bin, directory, server, log);
    } catch (error) {
      await stop();
      throw error;
    }
    return { url: `postgresql://toru@localhost/postgres?host=${encodeURIComponent(directory)}`, stop };
  } catch (error) {
    remove();
    throw error;
  }
}

/** PostgreSQL refuses to run as root: another user's ids for that case, otherwise undefined. */
function unprivilegedUser() {
  if (process.getuid?.() !== 0) return undefined;
  for (const name of ['postgres', 'nobody']) {
    try {
      const id = (flag) => Number(execFileSync('id', [flag, name], { encoding: 'utf8', stdio: 'pipe' }));
      return { uid: id('-u'), gid: id('-g') };
    } catch {
      // No such user here: try the next one.
    }
  }
  throw new ScriptError('no_unprivileged_user', 'PostgreSQL does not run as root, and there is no user to run it as.');
}

async function untilReady(bin, directory, server, log) {
  const deadline = Date.now() + READY_TIMEOUT_MS;
  for (;;) {
    const { status } = await run(path.join(bin, 'pg_isready'), ['-q', '-h', directory, '-t', '1'], { capture: true });
    if (status === 0) return;
    if (server.exitCode !== null || Date.now() > deadline) {
      throw new ScriptError('postgres_failed', `PostgreSQL did not start: ${readFileSync(log, 'utf8').trim()}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function mustSucceed(command, args, owner) {
  const { status, output } = await run(command, args, { capture: true, cwd: '/', owner });
  if (status !== 0) throw new ScriptError('postgres_failed', `${path.basename(command)}: ${output.trim()}`);
}
