import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';

const ASK = 'import os, sys; print(os.path.dirname(sys.executable))';

/**
 * The PATH on which `python3` is the interpreter itself. Where it is a script that looks for the one that is meant, as
 * pyenv's, each start of a plugin takes a tenth of a second more of a core, and the tests start hundreds.
 */
export function pathOfPython(searched = process.env.PATH ?? '') {
  const found = searched.split(path.delimiter).find((directory) => existsSync(path.join(directory, 'python3')));
  if (found === undefined) return searched;
  const { status, stdout } = spawnSync(path.join(found, 'python3'), ['-c', ASK], {
    encoding: 'utf8',
    env: { ...process.env, PATH: searched },
  });
  const own = stdout?.trim();
  return status !== 0 || !own || own === found ? searched : [own, searched].join(path.delimiter);
}
