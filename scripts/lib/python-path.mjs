import { spawnSync } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import path from 'node:path';
import { readStamp, writeStamp } from './fingerprint.mjs';
import { inRoot } from './paths.mjs';

const ASK = 'import sys; print(sys.executable, sys.version.replace("\\n", " "), sep="\\n")';

/**
 * The PATH on which `python3` is an interpreter with nothing installed in it: that of a virtual environment in
 * `directory`, made where there is none of this Python yet. What plugins need is Python alone, and what else a machine's
 * own has is not tried; besides, the tests start it hundreds of times, and each start would go through all of that, and
 * through the script that looks for the one that is meant, where `python3` is one, as pyenv's.
 */
export function pathOfPython(searched = process.env.PATH ?? '', directory = inRoot('.cache/python')) {
  const found = searched.split(path.delimiter).find((each) => existsSync(path.join(each, 'python3')));
  if (found === undefined) return searched;
  const env = { ...process.env, PATH: searched };
  const asked = spawnSync(path.join(found, 'python3'), ['-c', ASK], { encoding: 'utf8', env });
  const about = asked.stdout?.trim() ?? '';
  const [own] = about.split('\n');
  if (asked.status !== 0 || !own) return searched;
  const made = isMade(directory, own, about, env);
  return [made ? path.join(directory, 'bin') : path.dirname(own), searched].join(path.delimiter);
}

function isMade(directory, python, about, env) {
  const stamp = path.join(directory, 'made-of');
  const wanted = about.replace('\n', ' ');
  if (existsSync(path.join(directory, 'bin/python3')) && readStamp(stamp) === wanted) return true;
  rmSync(directory, { recursive: true, force: true });
  const { status } = spawnSync(python, ['-m', 'venv', '--without-pip', directory], { stdio: 'ignore', env });
  if (status !== 0) return false;
  writeStamp(stamp, wanted);
  return true;
}
