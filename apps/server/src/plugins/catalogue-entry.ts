import type { PluginMetadata } from '@toru/contracts';

/** One installed plugin, as its file is now, or as it was when it could last be used. Whether it is enabled or runs is not the catalogue's to know. */
export type CatalogueEntry = ValidEntry | InvalidEntry;

export interface ValidEntry {
  readonly kind: 'valid';
  /** As the plugin writes it; compared without case. */
  readonly id: string;
  /** The file's name in the plugins directory, fit to be shown. */
  readonly file: string;
  readonly metadata: PluginMetadata;
  /** The private copy that was checked: what is to be executed. */
  readonly executable: string;
  /** SHA-256 of the file, in lower-case hexadecimal. */
  readonly digest: string;
  /**
   * Why the file cannot be used as it is now, as `InvalidEntry.reason`: all else is what it was before, and goes on (SUP-8).
   * Undefined where it can.
   */
  readonly fileProblem?: string | undefined;
}

export interface InvalidEntry {
  readonly kind: 'invalid';
  /** The id that the file had while it was valid, or one that is made from its name. */
  readonly id: string;
  readonly file: string;
  /** Why, as a sentence without its beginning and end: `it is not executable: chmod +x`. */
  readonly reason: string;
}

/** What a scan changed. An entry that became valid, invalid, got another content or another problem of its file is `changed`. */
export interface CatalogueDiff {
  readonly added: readonly CatalogueEntry[];
  readonly changed: readonly { readonly before: CatalogueEntry; readonly after: CatalogueEntry }[];
  readonly removed: readonly CatalogueEntry[];
}

/** Compares two states of the catalogue, id by id. Both are keyed by lower-case id. */
export function diff(
  before: ReadonlyMap<string, CatalogueEntry>,
  after: ReadonlyMap<string, CatalogueEntry>,
): CatalogueDiff {
  const added: CatalogueEntry[] = [];
  const changed: { before: CatalogueEntry; after: CatalogueEntry }[] = [];
  for (const [key, entry] of after) {
    const old = before.get(key);
    if (old === undefined) added.push(entry);
    else if (!isSame(old, entry)) changed.push({ before: old, after: entry });
  }
  return { added, changed, removed: [...before].filter(([key]) => !after.has(key)).map(([, entry]) => entry) };
}

function isSame(a: CatalogueEntry, b: CatalogueEntry): boolean {
  if (a.kind === 'invalid') return b.kind === 'invalid' && a.file === b.file && a.reason === b.reason;
  if (b.kind === 'invalid') return false;
  return (
    a.id === b.id &&
    a.file === b.file &&
    a.digest === b.digest &&
    a.executable === b.executable &&
    a.fileProblem === b.fileProblem &&
    // the same file may answer differently, for instance after an update of what it is built on
    JSON.stringify(a.metadata) === JSON.stringify(b.metadata)
  );
}
