import { randomUUID } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';

/**
 * Puts the executables of `from`, or those of them that are wanted, into a plugins directory that has none yet, and records them as enabled if nothing has
 * been recorded there before. Returns the ids of the plugins that it put there.
 */
export function putExamplePlugins(from, pluginsDir, wanted = () => true) {
  mkdirSync(pluginsDir, { recursive: true });
  if (readdirSync(pluginsDir).some((name) => name.endsWith('.binary'))) return [];
  const names = readdirSync(from).filter((name) => name.endsWith('.binary') && wanted(path.basename(name, '.binary')));
  for (const name of names) placeExecutable(path.join(from, name), path.join(pluginsDir, name));
  const ids = names.map((name) => path.basename(name, '.binary'));
  const enabled = { plugins: Object.fromEntries(ids.map((id) => [id, true])) };
  createOnce(path.join(pluginsDir, '.metadata/config.json'), `${JSON.stringify(enabled, null, 2)}\n`);
  return ids;
}

/**
 * Node refuses to run a file with an unknown extension (`x.binary`) below a package.json of type "module", which this
 * checkout's is. The host runs copies elsewhere, but people also run `plugins/x.binary --metadata` by hand: a package.json
 * of its own shields a directory inside the checkout from that.
 */
export function shieldFromModuleType(directory, root) {
  if (path.relative(root, directory).startsWith('..')) return;
  mkdirSync(directory, { recursive: true });
  createOnce(path.join(directory, 'package.json'), '{ "private": true, "type": "commonjs" }\n');
}

/** A running host that watches the directory never sees half a file. */
function placeExecutable(source, target) {
  const temporary = `${target}.${randomUUID()}.tmp`;
  copyFileSync(source, temporary);
  chmodSync(temporary, 0o755);
  renameSync(temporary, target);
}

/** Creates a file with its whole content at once; leaves one that exists as it is. */
function createOnce(file, content) {
  if (existsSync(file)) return;
  mkdirSync(path.dirname(file), { recursive: true });
  const temporary = `${file}.${randomUUID()}.tmp`;
  writeFileSync(temporary, content);
  try {
    linkSync(temporary, file);
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
  } finally {
    rmSync(temporary);
  }
}
