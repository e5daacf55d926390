import type { PluginMetadata } from '@toru/contracts';
import type { CatalogueEntry, ValidEntry } from './catalogue-entry';
import { idFromFileName } from './file-names';
import type { Incumbent } from './metadata-cache';
import type { StoredBinary } from './binary-store';

/** A file after it was looked into. */
export type ExaminedFile = UsableFile | UnusableFile;

export interface UsableFile {
  readonly ok: true;
  readonly name: string;
  readonly file: string;
  readonly metadata: PluginMetadata;
  readonly stored: StoredBinary;
  /** Why the file cannot be used as it is now: the rest is the version before. */
  readonly problem?: string;
}

export interface UnusableFile {
  readonly ok: false;
  readonly name: string;
  readonly file: string;
  readonly reason: string;
}

/** A file that lost its id or route to another one (faults 5). */
export interface Conflict {
  /** The plugin that has it. */
  readonly winner: string;
  /** The two files' names, fit to be shown. */
  readonly winnerFile: string;
  readonly loserFile: string;
  readonly what: 'id' | 'route';
  /** The id or route that both want. */
  readonly value: string;
}

export interface Resolution {
  /** By lower-case id, in the order of the files' names. */
  readonly entries: ReadonlyMap<string, CatalogueEntry>;
  readonly conflicts: readonly Conflict[];
  readonly accepted: readonly Incumbent[];
}

interface Claim {
  readonly id: string;
  readonly file: string;
}

/**
 * Gives every file its place, each id and route only once (ISO-5). Whoever had them before keeps them, then the
 * smallest file name by code unit wins. A file that was accepted before and cannot be read at the moment keeps its
 * id and route too: another file does not get hold of its data while it is being replaced.
 *
 * @param files in the order of their names
 */
export function resolveConflicts(files: readonly ExaminedFile[], incumbents: readonly Incumbent[]): Resolution {
  const before = new Map(incumbents.map((incumbent) => [incumbent.name, incumbent]));
  const ids = new Map<string, Claim>();
  const routes = new Map<string, Claim>();
  const decided = new Map<string, CatalogueEntry>();
  const conflicts: Conflict[] = [];
  const accepted: Incumbent[] = [];

  for (const file of files) {
    const incumbent = before.get(file.name);
    if (file.ok || incumbent === undefined || ids.has(incumbent.id.toLowerCase())) continue;
    const claim = { id: incumbent.id, file: file.file };
    ids.set(incumbent.id.toLowerCase(), claim);
    routes.set(incumbent.route.toLowerCase(), claim);
    accepted.push(incumbent);
    decided.set(file.name, { kind: 'invalid', id: incumbent.id, file: file.file, reason: file.reason });
  }
  const valid = files.filter((file): file is UsableFile => file.ok);
  const rank = (file: UsableFile): number => rankOf(file.metadata, before.get(file.name));
  for (const file of valid.sort((a, b) => rank(a) - rank(b))) {
    const { id, route } = file.metadata;
    const what = ids.has(id.toLowerCase()) ? 'id' : 'route';
    const winner = ids.get(id.toLowerCase()) ?? routes.get(route.toLowerCase());
    if (winner !== undefined) {
      const value = what === 'id' ? id : route;
      conflicts.push({ winner: winner.id, winnerFile: winner.file, loserFile: file.file, what, value });
      continue;
    }
    ids.set(id.toLowerCase(), { id, file: file.file });
    routes.set(route.toLowerCase(), { id, file: file.file });
    accepted.push({ name: file.name, id, route });
    decided.set(file.name, entryOf(file));
  }
  return { entries: inOrder(files, decided, conflicts, new Set(ids.keys())), conflicts, accepted };
}

function entryOf({ file, metadata, stored, problem }: UsableFile): ValidEntry {
  const { path: executable, digest } = stored;
  return { kind: 'valid', id: metadata.id, file, metadata, executable, digest, fileProblem: problem };
}

/** 0: it had both id and route, 1: it had the id, 2: neither. The sort is stable, so names decide among equals. */
function rankOf(metadata: PluginMetadata, incumbent: Incumbent | undefined): number {
  if (incumbent?.id.toLowerCase() !== metadata.id.toLowerCase()) return 2;
  return incumbent.route.toLowerCase() === metadata.route.toLowerCase() ? 0 : 1;
}

function inOrder(
  files: readonly ExaminedFile[],
  decided: ReadonlyMap<string, CatalogueEntry>,
  conflicts: readonly Conflict[],
  taken: Set<string>,
): ReadonlyMap<string, CatalogueEntry> {
  const entries = new Map<string, CatalogueEntry>();
  for (const file of files) {
    let entry = decided.get(file.name);
    if (entry === undefined) {
      const id = idFromFileName(file.name, taken);
      taken.add(id);
      entry = { kind: 'invalid', id, file: file.file, reason: reasonOf(file, conflicts) };
    }
    entries.set(entry.id.toLowerCase(), entry);
  }
  return entries;
}

function reasonOf(file: ExaminedFile, conflicts: readonly Conflict[]): string {
  if (!file.ok) return file.reason;
  const conflict = conflicts.find((c) => c.loserFile === file.file);
  return conflict === undefined
    ? 'it conflicts with another file'
    : `its ${conflict.what} ${conflict.value} belongs to ${conflict.winnerFile} already: remove one of the two`;
}
