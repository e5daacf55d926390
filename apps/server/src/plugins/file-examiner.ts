import type { MetadataResult } from '@toru/protocol';
import { errorMessage, hostLack } from '../common';
import { BinaryChangingError, type BinaryStore, type StoredBinary } from './binary-store';
import type { ValidEntry } from './catalogue-entry';
import type { ExaminedFile, UsableFile } from './conflicts';
import type { CandidateFile, DiscoveredFile } from './discovery';
import { displayName } from './file-names';
import type { MetadataCache } from './metadata-cache';
import { MetadataFailures } from './metadata-failures';
import type { MetadataOutput } from './metadata-reader';
import { PostponedFiles } from './postponed-files';

/** What files are looked into with. */
export interface ExaminerParts {
  readonly store: BinaryStore;
  readonly cache: MetadataCache;
  readonly readMetadata: (executable: string, signal: AbortSignal) => Promise<MetadataOutput>;
  readonly parseMetadata: (output: Uint8Array) => MetadataResult;
}

/**
 * Looks into the files of the plugins directory, one by one. A file that cannot be used as it is now says nothing of the
 * plugin that it was: that goes on, as it was before, with what is wrong with the file beside it (SUP-8).
 */
export class FileExaminer {
  private readonly failures = new MetadataFailures();
  private lacking = new PostponedFiles();

  /**
   * @param validNow the entry of a file where it is valid, by the file's name as it is shown
   * @param signal ends what is being run
   */
  constructor(
    private readonly parts: ExaminerParts,
    private readonly validNow: (file: string) => ValidEntry | undefined,
    private readonly signal: AbortSignal,
  ) {}

  /** The files that could not be looked into since `begin`, for want of something of the host's own. */
  get postponed(): PostponedFiles {
    return this.lacking;
  }

  /** Whether a file that took too long with its metadata may be asked again. */
  get hasDueFile(): boolean {
    return this.failures.hasDue();
  }

  /** Begins with all files anew. @param insist asks those again, too, whose metadata took too long */
  begin(insist: boolean): void {
    this.lacking = new PostponedFiles();
    if (insist) this.failures.clear();
  }

  /** Forgets files that are not there any more. */
  keepOnly(present: ReadonlySet<string>): void {
    this.failures.keepOnly(present);
  }

  /** Never rejects. Undefined: nothing can be told of it now, it stays what it was. */
  async examine(found: DiscoveredFile): Promise<ExaminedFile | undefined> {
    const { name, file } = found;
    if (found.kind === 'refused') return this.unusable(found, found.reason);
    if (this.signal.aborted) return { ok: false, name, file, reason: 'the host shuts down' };
    try {
      return await this.look(found);
    } catch (error) {
      // a copy that takes its time is read when it is whole
      if (error instanceof BinaryChangingError && this.validNow(file) !== undefined) return undefined;
      const lack = hostLack(error);
      if (lack === undefined) return this.unusable(found, displayName(errorMessage(error)));
      this.lacking.add(file, displayName(lack));
      return undefined;
    }
  }

  private async look(found: CandidateFile): Promise<ExaminedFile | undefined> {
    const { name, file } = found;
    const against = this.failures.reasonAgainst(found);
    if (against !== undefined) return this.unusable(found, against, 'it is asked again later');
    const { stored, output } = await this.outputOf(found);
    if (!output.ok && 'hostLacks' in output) {
      this.lacking.add(file, output.hostLacks);
      return undefined;
    }
    if (!output.ok) {
      return this.unusable(found, output.reason, output.timedOut === true ? 'it is asked again later' : undefined);
    }
    const parsed = this.parts.parseMetadata(output.output);
    if (!parsed.ok) return this.unusable(found, parsed.reason);
    this.parts.cache.wasUsable(name);
    return { ok: true, name, file, metadata: parsed.metadata, stored };
  }

  /**
   * Whatever a file does, the others load (ISO-4), and the plugin that it was goes on.
   * @param outlook what is added to the problem of a file that was a plugin
   */
  private async unusable({ name, file }: DiscoveredFile, reason: string, outlook?: string): Promise<ExaminedFile> {
    const before = this.asBefore(name, file) ?? (await this.asRemembered(name, file));
    if (before === undefined) return { ok: false, name, file, reason };
    return { ...before, problem: outlook === undefined ? reason : `${reason}; ${outlook}` };
  }

  /** The plugin that it is in the catalogue. */
  private asBefore(name: string, file: string): UsableFile | undefined {
    const entry = this.validNow(file);
    if (entry === undefined) return undefined;
    const stored = { path: entry.executable, digest: entry.digest };
    return { ok: true, name, file, metadata: entry.metadata, stored };
  }

  /** The plugin that it was when the host ended; undefined where its copy is gone. */
  private async asRemembered(name: string, file: string): Promise<UsableFile | undefined> {
    const { store, cache, parseMetadata } = this.parts;
    const last = cache.lastUsable(name);
    if (last === undefined) return undefined;
    const parsed = parseMetadata(last.output);
    // the id is another plugin's, with its data and its rights
    if (!parsed.ok || parsed.metadata.id.toLowerCase() !== last.id.toLowerCase()) return undefined;
    const stored = await store.find(last.digest, last);
    return stored === undefined ? undefined : { ok: true, name, file, metadata: parsed.metadata, stored };
  }

  private async outputOf(file: CandidateFile): Promise<{ stored: StoredBinary; output: MetadataOutput }> {
    const { store, cache, readMetadata } = this.parts;
    const cached = cache.get(file);
    if (cached !== undefined) {
      let stored = await store.find(cached.digest, file);
      stored ??= await store.keep(file);
      if (stored.digest === cached.digest) return { stored, output: { ok: true, output: cached.output } };
    }
    const stored = await store.keep(file);
    const output = await readMetadata(stored.path, this.signal);
    if (output.ok) cache.set(file, { digest: stored.digest, output: output.output });
    if (!output.ok && 'hostLacks' in output) return { stored, output };
    if (!output.ok && output.timedOut === true) this.failures.timedOut(file, output.reason);
    else this.failures.answered(file);
    return { stored, output };
  }
}
