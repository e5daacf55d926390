import { existsSync, rmSync } from 'node:fs';
import path from 'node:path';
import { fingerprint, readStamp, writeStamp } from './fingerprint.mjs';
import { inRoot } from './paths.mjs';
import { duration, say, ScriptError } from './report.mjs';
import { hasProgram, run } from './run.mjs';
import { REQUIREMENTS, requireFromSystem } from './system.mjs';

const PROGRESS_INTERVAL_MS = 15_000;
/** pip waits for an index that does not answer, and tries again: both are bounded here. */
const PIP_OPTIONS = ['--disable-pip-version-check', '--no-input', '--quiet', '--timeout=15', '--retries=1'];

/**
 * The Python of a virtual environment with what the Python SDK's checks and tests use (mypy, hypothesis, cryptography), installed from
 * PyPI the first time and whenever its list changes. Where that is not possible it says so and resolves to undefined, so
 * that the rest can go on without; with `required`, as in CI, it is a ScriptError instead.
 */
export async function pythonTools({
  directory = inRoot('.cache/python-tools'),
  requirements = inRoot('libs/sdk/python/requirements-dev.txt'),
  python = 'python3',
  required = process.env.CI === 'true',
} = {}) {
  const installed = path.join(directory, 'bin/python');
  const stamp = path.join(directory, 'installed');
  try {
    const wanted = fingerprint('/', [requirements], await versionOf(python));
    if (!(existsSync(installed) && readStamp(stamp) === wanted)) {
      await install({ directory, requirements, python, installed });
      writeStamp(stamp, wanted);
    }
    return installed;
  } catch (error) {
    if (!(error instanceof ScriptError) || error.code === 'interrupted' || required) throw error;
    say(`${error.message} What needs it is left out; CI requires it. ${error.hint ?? ''}`);
    return undefined;
  }
}

async function versionOf(python) {
  if (!hasProgram(python)) throw unavailable(`${python} is not installed.`, 'Install Python 3.10 or newer.');
  // Of what a virtual environment is made of: callers in one and outside of it must not take turns to install it anew.
  const { output } = await run(python, ['-c', 'import sys; print(sys.version, sys.base_prefix)'], { capture: true });
  return output;
}

async function install({ directory, requirements, python, installed }) {
  say('Installing the tools of the Python SDK (mypy, hypothesis, cryptography) from PyPI ...');
  const begin = Date.now();
  if (python === 'python3') await requireFromSystem(REQUIREMENTS.pythonVenv);
  rmSync(directory, { recursive: true, force: true });
  const progress = setInterval(
    () => say(`  still installing, ${duration(Date.now() - begin)} ...`),
    PROGRESS_INTERVAL_MS,
  );
  try {
    await step(python, ['-m', 'venv', directory], 'The virtual environment could not be made.');
    const failure =
      'mypy, hypothesis and cryptography could not be installed: is PyPI reachable, and Python 3.10 or newer?';
    await step(installed, ['-m', 'pip', 'install', ...PIP_OPTIONS, '-r', requirements], failure);
  } finally {
    clearInterval(progress);
  }
  say(`Installed in ${duration(Date.now() - begin)}.`);
}

async function step(program, args, failure) {
  const { status, output } = await run(program, args, { capture: true });
  if (status !== 0) throw unavailable(failure, output.trim().split('\n').slice(-2).join(' | '));
}

const unavailable = (message, hint) => new ScriptError('python_tools_missing', message, hint);
