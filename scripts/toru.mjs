// bin/toru: builds the command line when it is stale, then runs it. What is built is said on stderr: stdout is the command's.
import './lib/node-version.mjs';
import { existsSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { buildStale } from './lib/build.mjs';
import { inRoot } from './lib/paths.mjs';
import { main, ScriptError } from './lib/report.mjs';

await main(async () => {
  if (!existsSync(inRoot('node_modules/esbuild'))) {
    throw new ScriptError('not_installed', 'The dependencies are not installed.', 'Run npm start or npm test once.');
  }
  await buildStale({ only: ['command line', ...neededBy(process.argv[2])], tell: (text) => console.error(text) });
});
if (process.exitCode === 0) {
  await import(pathToFileURL(inRoot('dist/apps/cli/main.js')).href);
}

/** What a command needs beside its own code. */
function neededBy(command) {
  return ['new', 'build'].includes(command) ? ['SDKs for new plugins'] : [];
}
