import { spawn, spawnSync } from 'node:child_process';
import { ROOT } from './paths.mjs';
import { ScriptError } from './report.mjs';

const children = new Set();
let interruptedBy = null;

/**
 * From here on SIGINT and SIGTERM end the children instead of this process, so that the callers' `finally` blocks can
 * clean up. Ctrl+C in a terminal reaches the children by itself, because they are in the same process group.
 */
export function endChildrenOnSignal() {
  for (const signal of ['SIGINT', 'SIGTERM']) {
    process.on(signal, () => {
      interruptedBy ??= signal;
      for (const child of children) child.kill(signal);
    });
  }
}

export function throwIfInterrupted() {
  if (interruptedBy) throw new ScriptError('interrupted', `Ended by ${interruptedBy}`);
}

/**
 * Runs a program to its end, as the user `owner` ({ uid, gid }) if there is one. Resolves with its exit status (128 for
 * any signal) and, with `capture`, what it printed. A program that cannot be started is a ScriptError.
 */
export async function run(command, args, { cwd = ROOT, env = {}, capture = false, owner } = {}) {
  throwIfInterrupted();
  const child = spawn(command, args, {
    ...owner,
    cwd,
    env: { ...process.env, ...env },
    stdio: capture ? ['ignore', 'pipe', 'pipe'] : ['ignore', 'inherit', 'inherit'],
  });
  children.add(child);
  const output = [];
  child.stdout?.on('data', (chunk) => output.push(chunk));
  child.stderr?.on('data', (chunk) => output.push(chunk));
  try {
    const status = await new Promise((resolve, reject) => {
      child.once('error', (error) =>
        reject(new ScriptError('cannot_start', `${command} cannot be started: ${error.message}`)),
      );
      child.once('close', (code) => resolve(code ?? 128));
    });
    throwIfInterrupted();
    return { status, output: Buffer.concat(output).toString('utf8') };
  } finally {
    children.delete(child);
  }
}

/** Runs a JavaScript file of an installed package with this Node. */
export function runNode(script, args, options) {
  return run(process.execPath, [script, ...args], options);
}

/** Whether a program of this name can be found and started. */
export function hasProgram(name) {
  return spawnSync('sh', ['-c', `command -v "$0"`, name], { stdio: 'ignore' }).status === 0;
}
