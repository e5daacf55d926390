import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** What tools leave beside sources. */
const LITTER = new Set(['node_modules', '__pycache__', '.mypy_cache']);

/** `names` are those of the folder that it is in: `pip install` of a folder leaves two others in it. */
const isLitter = (name, names) =>
  LITTER.has(name) || name.endsWith('.egg-info') || (name === 'build' && names.includes('pyproject.toml'));

/** All files below the given files and folders that `accept` takes, sorted. A path that does not exist adds nothing. */
export function filesBelow(root, inputs, accept = () => true) {
  const files = [];
  const visit = (relative) => {
    const absolute = path.join(root, relative);
    if (!existsSync(absolute)) return;
    if (!statSync(absolute).isDirectory()) {
      if (accept(relative)) files.push(relative);
      return;
    }
    const names = readdirSync(absolute);
    for (const name of names) {
      if (!isLitter(name, names)) visit(path.posix.join(relative, name));
    }
  };
  for (const input of inputs) visit(input);
  return files.sort();
}

/**
 * One hash over the names and contents of files, and over `extra`. Contents, not times: a checkout of another branch and
 * back must not make everything stale.
 */
export function fingerprint(root, files, extra = '') {
  const hash = createHash('sha256').update(extra);
  for (const file of files) {
    const content = readFileSync(path.join(root, file));
    hash.update(`\0${file}\0${content.length}\0`).update(content);
  }
  return hash.digest('hex');
}

export function readStamp(file) {
  return existsSync(file) ? readFileSync(file, 'utf8').trim() : undefined;
}

export function writeStamp(file, value) {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, `${value}\n`);
}
