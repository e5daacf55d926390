import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseMetadata } from '@toru/protocol';
import { UsageError } from '../cli-error';
import { LANGUAGES, type LanguageName } from './languages';

export interface ScaffoldOptions {
  /** The plugin's id, which names its folder, route and executable too. */
  readonly id: string;
  readonly language: LanguageName;
  /** Where `templates/` and `sdk/` are. */
  readonly assets: string;
  /** The new folder; it may exist where it is empty. */
  readonly directory: string;
}

/**
 * Writes a plugin and the SDK that it is built with. Returns the author's own files, by their paths in the folder, sorted.
 * Throws `UsageError` for an id that no host would take, and for a folder with something in it.
 */
export function scaffoldPlugin({ id, language, assets, directory }: ScaffoldOptions): readonly string[] {
  requireId(id);
  requireEmpty(directory);
  const { sdk } = LANGUAGES[language];
  mkdirSync(directory, { recursive: true });
  // with its times: cargo builds anew what is newer than its last build
  cpSync(path.join(assets, sdk.from), path.join(directory, sdk.to), { recursive: true, preserveTimestamps: true });
  const lock = path.join(directory, sdk.to, 'Cargo.lock');
  // cargo reads the one of the plugin
  if (existsSync(lock)) renameSync(lock, path.join(directory, 'Cargo.lock'));
  const values = { id, title: titleOf(id) };
  return ['common', language]
    .flatMap((template) => writeTemplate(path.join(assets, 'templates', template), directory, values))
    .sort();
}

function writeTemplate(from: string, to: string, values: Readonly<Record<string, string>>): readonly string[] {
  const files = readdirSync(from, { recursive: true, encoding: 'utf8' }).filter((name) =>
    statSync(path.join(from, name)).isFile(),
  );
  for (const name of files) {
    const target = path.join(to, name);
    mkdirSync(path.dirname(target), { recursive: true });
    writeFileSync(target, filled(readFileSync(path.join(from, name), 'utf8'), values));
  }
  return files;
}

/** Each `{{name}}` replaced by its value; a name without one is a mistake in the template. */
function filled(text: string, values: Readonly<Record<string, string>>): string {
  return text.replace(/\{\{(\w+)\}\}/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`The template has {{${name}}}, which has no value`);
    return value;
  });
}

/** `disk-usage` is Disk Usage. */
function titleOf(id: string): string {
  const words = id.split('-').filter((word) => word !== '');
  return words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join(' ');
}

/**
 * By the rules of the host, which takes upper-case letters from plugins that are older than them only. Throws `UsageError`.
 */
export function requireId(id: string): void {
  const metadata = { id, name: titleOf(id), version: '1.0.0', icon: '🧩', route: `/${id}` };
  const result = parseMetadata(Buffer.from(JSON.stringify(metadata)));
  if (result.ok && id === id.toLowerCase()) return;
  // what is wrong with the id is wrong with the route made of it as well: the first says enough
  const reason = result.ok ? 'its letters must be lower-case' : result.reason.split('; ', 1).join();
  throw new UsageError(`${JSON.stringify(id)} cannot be the id of a plugin: ${reason}. A valid one: disk-usage`);
}

function requireEmpty(directory: string): void {
  const found = statSync(directory, { throwIfNoEntry: false });
  if (found === undefined || (found.isDirectory() && readdirSync(directory).length === 0)) return;
  throw new UsageError(`${directory} is there already: choose another name, or remove it`);
}
