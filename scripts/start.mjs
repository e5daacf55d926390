// npm start: installs and builds what is missing, puts the examples in place, then runs the host in the foreground.
import './lib/node-version.mjs';
import { spawn } from 'node:child_process';
import os from 'node:os';
import path from 'node:path';
import { buildStale, EXAMPLES } from './lib/build.mjs';
import { putExamplePlugins, shieldFromModuleType } from './lib/example-plugins.mjs';
import { installDependencies } from './lib/install.mjs';
import { NODE_ARGUMENTS } from './lib/node-arguments.mjs';
import { ROOT, inRoot } from './lib/paths.mjs';
import { main, say, ScriptError } from './lib/report.mjs';
import { REQUIREMENTS } from './lib/system.mjs';

await main(async () => {
  await installDependencies();
  await buildStale();
  preparePlugins();
  return await runHost();
});

function preparePlugins() {
  const pluginsDir = path.resolve(ROOT, process.env.TORU_PLUGINS_DIR || 'plugins');
  try {
    shieldFromModuleType(pluginsDir, ROOT);
    const ids = putExamplePlugins(inRoot('dist/examples'), pluginsDir, (id) => Object.hasOwn(EXAMPLES, id));
    if (ids.length > 0) say(`Put the example plugins into ${pluginsDir}: ${ids.join(', ')}.`);
  } catch (error) {
    throw new ScriptError('plugins_dir_unusable', `The plugins directory cannot be prepared: ${error.message}`);
  }
  if (!REQUIREMENTS.python.isThere()) say('python3 was not found: the example hello-python will not start without it.');
}

/** Resolves with the exit status of the host, 128 + n if signal n ended it. */
function runHost() {
  const host = spawn(process.execPath, [...NODE_ARGUMENTS, 'dist/apps/server/main.js'], {
    cwd: ROOT,
    stdio: 'inherit',
  });
  process.on('SIGTERM', () => host.kill('SIGTERM'));
  // Ctrl+C in a terminal goes to the whole process group: forwarding it would count as a second one.
  process.on('SIGINT', () => process.stdin.isTTY || host.kill('SIGINT'));
  return new Promise((resolve, reject) => {
    host.once('error', (error) => reject(new ScriptError('cannot_start', `The host cannot start: ${error.message}`)));
    host.once('exit', (status, signal) => {
      if (signal !== null) sayWhatEndedIt(signal);
      resolve(status ?? 128 + os.constants.signals[signal]);
    });
  });
}

/** The host ends by itself on SIGTERM and SIGINT: a signal that ended it is one that it could say nothing to. */
function sayWhatEndedIt(signal) {
  if (signal === 'SIGINT' || signal === 'SIGTERM') {
    // it listens to these before it starts any plugin
    console.error(`Ended by ${signal} before the host was up.`);
    return;
  }
  console.error(`error[host_killed]: The host was ended by ${signal} and could not stop its plugins.`);
  const hint = signal === 'SIGKILL' ? ' Where nobody did it, the system may have run out of memory: see dmesg.' : '';
  console.error(`  -> Start it again: that ends what is left of its plugins.${hint}`);
}
