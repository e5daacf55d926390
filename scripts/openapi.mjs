/*
 * The REST contract, generated once: docs/openapi.json is the document of a running host, and the types of the console's
 * client are generated from it. `--check` writes nothing and fails when either has drifted; `--document <file>` has the
 * document of a host that runs already.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import openapiTS, { astToString } from 'openapi-typescript';
import { inRoot } from './lib/paths.mjs';
import { say } from './lib/report.mjs';

const DOCUMENT = 'docs/openapi.json';
const CLIENT_TYPES = 'apps/console/src/app/core/api/schema.ts';
const START_TIMEOUT_MS = 60_000;
const PASSWORD = 'only for this moment';

const check = process.argv.includes('--check');
const given = process.argv.includes('--document') ? process.argv[process.argv.indexOf('--document') + 1] : undefined;
const document = given === undefined ? await documentOfNewHost() : JSON.parse(readFileSync(given, 'utf8'));
const wanted = {
  [DOCUMENT]: `${JSON.stringify(document, null, 2)}\n`,
  [CLIENT_TYPES]: `/* Generated from ${DOCUMENT} by \`npm run openapi\`: do not edit. */\n${astToString(await openapiTS(document, { defaultNonNullable: false }))}`,
};
const stale = Object.entries(wanted).filter(
  ([file, text]) => !existsSync(inRoot(file)) || readFileSync(inRoot(file), 'utf8') !== text,
);
for (const [file, text] of stale) {
  if (check) console.error(`${file} is not what the server's code says. Run: npm run openapi`);
  else {
    mkdirSync(path.dirname(inRoot(file)), { recursive: true });
    writeFileSync(inRoot(file), text);
    say(`Wrote ${file}.`);
  }
}
if (stale.length === 0) say('The REST contract is up to date.');
process.exitCode = check && stale.length > 0 ? 1 : 0;

async function documentOfNewHost() {
  const directory = mkdtempSync(path.join(tmpdir(), 'toru-api-'));
  const at = (name) => path.join(directory, name);
  const host = spawn(process.execPath, [inRoot('dist/apps/server/main.js')], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: {
      PATH: process.env.PATH,
      TORU_PORT: '0',
      TORU_PLUGINS_DIR: at('plugins'),
      TORU_DATA_DIR: at('data'),
      TORU_LOG_DIR: at('log'),
      TORU_RUN_DIR: at('run'),
      ADMIN_PASSWORD: PASSWORD,
    },
  });
  const ended = new Promise((resolve) => host.once('exit', resolve));
  try {
    const url = await urlOf(at('run/host.json'), host);
    const signIn = await fetch(`${url}/api/auth/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ username: 'admin', password: PASSWORD }),
    });
    const cookie = signIn.headers.getSetCookie()[0]?.split(';')[0] ?? '';
    return await (await fetch(`${url}/api/openapi.json`, { headers: { cookie } })).json();
  } finally {
    host.kill('SIGTERM');
    await ended;
    rmSync(directory, { recursive: true, force: true });
  }
}

async function urlOf(file, host) {
  for (const end = Date.now() + START_TIMEOUT_MS; Date.now() < end && host.exitCode === null; await delay(50)) {
    if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')).url;
  }
  throw new Error('The host did not start; npm start shows why. Is it built?');
}
