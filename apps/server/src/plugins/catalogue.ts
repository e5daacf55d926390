import { errorMessage } from '../common';
import { diff, type CatalogueDiff, type CatalogueEntry, type ValidEntry } from './catalogue-entry';
import { CatalogueReports, type CatalogueReporter } from './catalogue-reports';
import { resolveConflicts, type ExaminedFile } from './conflicts';
import { discover, ensurePluginsDir, type DirectoryProblem, type DiscoveredFile } from './discovery';
import { earlyEntries } from './early-entries';
import { FileExaminer, type ExaminerParts } from './file-examiner';
import { displayName } from './file-names';
import type { MetadataCache } from './metadata-cache';
import { mapPatiently, type Patience } from './patient-map';

const PATIENCE: Patience = { parallel: 4, patienceMs: 1_000 };

const NO_NAMES: ReadonlySet<string> = new Set();

export interface ScanOptions {
  readonly insist?: boolean;
  readonly leaveOut?: ReadonlySet<string>;
}

const NO_CHANGE: CatalogueDiff = { added: [], changed: [], removed: [] };

/** What the catalogue is made of. */
export interface CatalogueParts extends ExaminerParts {
  readonly pluginsDir: string;
  readonly reporter: CatalogueReporter;
  /** Copies that are needed although no file refers to them: older versions that one can go back to (SUP-8). */
  readonly kept?: () => ReadonlySet<string>;
  /** How many files are looked into at the same time, and how long the others wait for a slow one. */
  readonly patience?: Patience;
}

export type CatalogueListener = (diff: CatalogueDiff) => void | Promise<void>;

/** What is installed in the plugins directory, valid or not. Empty until the first scan. */
export class Catalogue {
  private entries: ReadonlyMap<string, CatalogueEntry> = new Map();
  private files: readonly DiscoveredFile[] = [];
  private readonly listeners = new Set<CatalogueListener>();
  private readonly scanListeners = new Set<() => void>();
  private insisted = false;
  private leftOut = NO_NAMES;
  private directoryProblem: DirectoryProblem | undefined;
  private read = false;
  private readAll = false;
  private prepared = false;
  private running: Promise<unknown> = Promise.resolve();
  private waiting: Promise<CatalogueDiff> | undefined;
  private readonly closing = new AbortController();
  private readonly examiner: FileExaminer;
  private readonly reports: CatalogueReports;

  constructor(private readonly parts: CatalogueParts) {
    this.examiner = new FileExaminer(parts, (file) => this.validEntry(file), this.closing.signal);
    this.reports = new CatalogueReports(parts.reporter);
  }

  /** All entries, in the order of their files' names. */
  list(): readonly CatalogueEntry[] {
    return [...this.entries.values()];
  }

  /** The files that the last scan has found, as they were then. */
  get found(): readonly DiscoveredFile[] {
    return this.files;
  }

  /** Whether the directory was read since the host started; files that are slow to tell what they are may be missing. */
  get wasRead(): boolean {
    return this.read;
  }

  /** Whether files of the directory have not been looked into yet, since the host started: entries may be missing. */
  get isReading(): boolean {
    return this.directoryProblem === undefined && (!this.readAll || this.isBehind);
  }

  /** Why the directory could not be read by the last scan, as a sentence that says what to do. */
  get problem(): string | undefined {
    return this.directoryProblem?.detail;
  }

  /** Whether the last scan could not look into all that there is, for want of something of the host's own: scan again. */
  get isBehind(): boolean {
    return this.directoryProblem?.kind === 'unreadable' || !this.examiner.postponed.isEmpty;
  }

  /** Whether a file that took too long with its metadata may be asked again: a scan does it. */
  get hasDueFile(): boolean {
    return this.examiner.hasDueFile;
  }

  /** @param id compared without case */
  get(id: string): CatalogueEntry | undefined {
    return this.entries.get(id.toLowerCase());
  }

  /**
   * Calls back after each scan that changed something, before `scan` resolves. Returns what takes the listener away.
   * A listener that fails is reported and stops nobody else.
   */
  onChange(listener: CatalogueListener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Calls back after each scan, whatever came of it. */
  onScanned(listener: () => void): void {
    this.scanListeners.add(listener);
  }

  /**
   * Looks through the directory again. One scan runs at a time; all who ask meanwhile share the one that follows it, so
   * that everybody gets a scan that began after they asked. Rejects only where the data directory cannot be used.
   *
   * What is known after `PATIENCE` is told to the listeners at once, and what slow files add when they have answered.
   *
   * @param insist runs files again whose metadata took too long, too
   * @param leaveOut names of files that are not looked into: they stay what they were, new ones are not there yet. Whoever
   * shares the scan and does not name a file has it looked into.
   */
  scan({ insist = false, leaveOut = NO_NAMES }: ScanOptions = {}): Promise<CatalogueDiff> {
    this.insisted ||= insist;
    const shared = this.waiting === undefined ? leaveOut : this.leftOut;
    this.leftOut = new Set([...leaveOut].filter((name) => shared.has(name)));
    this.waiting ??= this.running.then(() => {
      this.waiting = undefined;
      const scan = this.scanNow().finally(() => {
        for (const listener of this.scanListeners) listener();
      });
      this.running = scan.catch(() => undefined);
      return scan;
    });
    return this.waiting;
  }

  /** Ends what a scan runs, and scans no more. Resolves when nothing of it is left (SUP-7). */
  async close(): Promise<void> {
    this.closing.abort();
    await Promise.allSettled([this.running, this.waiting]);
  }

  private isClosing(): boolean {
    return this.closing.signal.aborted;
  }

  private async scanNow(): Promise<CatalogueDiff> {
    if (this.isClosing()) return NO_CHANGE;
    const { pluginsDir, store, cache, patience = PATIENCE } = this.parts;
    if (!this.prepared) {
      await ensurePluginsDir(pluginsDir);
      await store.prepare();
      await cache.load();
      this.prepared = true;
    }
    const insist = this.insisted;
    this.insisted = false;
    const { files, problem } = await discover(pluginsDir);
    this.reports.directory(problem);
    this.directoryProblem = problem;
    // unreadable is not empty: what runs goes on until somebody can tell what is there
    if (problem?.kind === 'unreadable') {
      this.insisted ||= insist;
      return NO_CHANGE;
    }
    this.files = files;

    const before = this.entries;
    const { leftOut } = this;
    this.examiner.begin(insist);
    const { prompt, all } = mapPatiently(files, patience, (file) =>
      leftOut.has(file.name) ? Promise.resolve(undefined) : this.examiner.examine(file),
    );
    await this.publishEarly(files, await prompt);
    const examined = await all;
    // what was cut short tells nothing of the files
    if (this.isClosing()) return NO_CHANGE;
    this.readAll = true;
    this.reports.postponed(this.examiner.postponed);
    if (!isComplete(examined)) {
      await this.publishEarly(files, examined);
      return diff(before, this.entries);
    }
    const { entries, conflicts, accepted } = resolveConflicts(examined, cache.incumbents());
    const changes = diff(this.entries, entries);
    this.entries = entries;
    this.reports.files(entries.values(), conflicts);
    // at once: whoever sees a plugin in the list may enable it
    await this.publish(changes);
    await this.tidy(before, new Set(files.map((file) => file.name)), accepted);
    return diff(before, entries);
  }

  /** What is known while slow files have not told what they are: these stay what they were, with their ids and routes. */
  private async publishEarly(
    files: readonly DiscoveredFile[],
    examined: readonly (ExaminedFile | undefined)[],
  ): Promise<void> {
    if (this.isClosing() || !examined.includes(undefined)) return;
    const early = earlyEntries(files, examined, this.entries, this.parts.cache.incumbents());
    const changes = diff(this.entries, early);
    this.entries = early;
    await this.publish(changes);
  }

  private async publish(changes: CatalogueDiff): Promise<void> {
    this.read = true;
    if (changes.added.length + changes.changed.length + changes.removed.length > 0) await this.notify(changes);
  }

  private validEntry(file: string): ValidEntry | undefined {
    return this.list().find((entry): entry is ValidEntry => entry.kind === 'valid' && entry.file === file);
  }

  private async tidy(
    before: ReadonlyMap<string, CatalogueEntry>,
    present: ReadonlySet<string>,
    accepted: Parameters<MetadataCache['save']>[1],
  ): Promise<void> {
    this.examiner.keepOnly(present);
    const referenced = digestsOf(this.entries);
    const dropped = new Set([...digestsOf(before)].filter((digest) => !referenced.has(digest)));
    try {
      await this.parts.cache.save(present, accepted);
      const needed = new Set([...referenced, ...(this.parts.kept?.() ?? [])]);
      await this.parts.store.removeUnreferenced(needed, dropped);
    } catch (error) {
      this.parts.reporter.problem(`The data directory cannot be written: ${displayName(errorMessage(error))}`);
    }
  }

  private async notify(changes: CatalogueDiff): Promise<void> {
    for (const listener of this.listeners) {
      try {
        await listener(changes);
      } catch (error) {
        this.parts.reporter.problem(`A change of the plugins was not acted on: ${displayName(errorMessage(error))}`);
      }
    }
  }
}

function isComplete(examined: readonly (ExaminedFile | undefined)[]): examined is readonly ExaminedFile[] {
  return !examined.includes(undefined);
}

function digestsOf(entries: ReadonlyMap<string, CatalogueEntry>): Set<string> {
  return new Set([...entries.values()].flatMap((entry) => (entry.kind === 'valid' ? [entry.digest] : [])));
}
