import type { CatalogueEntry } from './catalogue-entry';
import { resolveConflicts, type ExaminedFile } from './conflicts';
import type { DiscoveredFile } from './discovery';
import type { Incumbent } from './metadata-cache';

/**
 * The catalogue while some files have not told what they are yet (undefined in `examined`, which is in the order of
 * `files`): such a file stays what it was, a new one is left out. Whoever was accepted before keeps id and route
 * meanwhile, so nobody else gets hold of them.
 *
 * @param before by lower-case id, as the result is
 */
export function earlyEntries(
  files: readonly DiscoveredFile[],
  examined: readonly (ExaminedFile | undefined)[],
  before: ReadonlyMap<string, CatalogueEntry>,
  incumbents: readonly Incumbent[],
): ReadonlyMap<string, CatalogueEntry> {
  const reason = 'it has not told its metadata yet';
  const waiting = new Set(files.flatMap(({ file }, index) => (examined[index] === undefined ? [file] : [])));
  const known = files.map(({ name, file }, index) => examined[index] ?? { ok: false as const, name, file, reason });
  const byFile = new Map([...before.values()].map((entry) => [entry.file, entry]));
  const entries = new Map<string, CatalogueEntry>();
  for (const entry of resolveConflicts(known, incumbents).entries.values()) {
    const shown = waiting.has(entry.file) ? byFile.get(entry.file) : entry;
    if (shown !== undefined) entries.set(shown.id.toLowerCase(), shown);
  }
  return entries;
}
