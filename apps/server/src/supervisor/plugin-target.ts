import { AppError, type Clock } from '../common';
import type { HeldFile, KnownVersion, ListedVersion, ValidEntry, VersionStore } from '../plugins';
import type { Refusal } from './refusal';

/**
 * Which version of one plugin is to run: its file as it is in the plugins directory, unless that one has failed where an
 * older one had run, or somebody went back (SUP-8). A file with another content ends that.
 */
export class PluginTarget {
  private file: ValidEntry;

  constructor(
    file: ValidEntry,
    private readonly store: VersionStore,
    private readonly clock: Clock,
  ) {
    this.file = file;
    this.releaseIfReplaced();
  }

  /** What is to run. */
  get entry(): ValidEntry {
    const { held, versions } = this.store.of(this.file.id);
    if (held?.digest !== this.file.digest) return this.file;
    return versions.find(({ entry }) => entry.digest === held.instead)?.entry ?? this.file;
  }

  /** Why the file is not what runs; null where it is. */
  get heldBecause(): string | null {
    return this.entry === this.file ? null : (this.store.of(this.file.id).held?.reason ?? null);
  }

  /** Whether another version runs in place of the file since that one refused its licence key. */
  get waitsForKey(): boolean {
    return this.entry !== this.file && this.store.of(this.file.id).held?.untilKeyChanges === true;
  }

  /** There is another licence key: a file that refused the one before is to run again (LIC-3). Returns whether there was one. */
  keyChanged(): boolean {
    if (!this.waitsForKey) return false;
    this.store.replace(this.file.id, { ...this.store.of(this.file.id), held: null });
    return true;
  }

  /** All versions that can be chosen, the newest first. */
  get versions(): readonly ListedVersion[] {
    const target = this.entry.digest;
    const known = this.store.of(this.file.id).versions;
    const listed = known.map(({ entry, readyAt }) => this.toListed(entry, readyAt, target));
    const isKnown = known.some(({ entry }) => entry.digest === this.file.digest);
    return isKnown ? listed : [this.toListed(this.file, null, target), ...listed];
  }

  /** Takes the file as it is now. Returns whether another content is to run than before. */
  fileIs(entry: ValidEntry): boolean {
    const before = this.entry.digest;
    this.file = entry;
    this.releaseIfReplaced();
    return this.entry.digest !== before;
  }

  /** Whether it has never been ready while another version has: then there is something to go back to. */
  isOnTrial(entry: ValidEntry): boolean {
    const { versions } = this.store.of(this.file.id);
    return versions.length > 0 && versions.every((known) => known.entry.digest !== entry.digest);
  }

  /** It has become ready. */
  wasReady(entry: ValidEntry): void {
    const record = this.store.of(this.file.id);
    const others = record.versions.filter((known) => known.entry.digest !== entry.digest);
    this.store.replace(this.file.id, { ...record, versions: [{ entry, readyAt: this.clock.now() }, ...others] });
  }

  /**
   * What was to run has failed: from now on it is the version that ran before. Returns that one; undefined where there is
   * none. One that was chosen by hand gives way to the one that it was chosen over.
   * @param refusal what it refused to run for, if it did
   */
  goBack(failed: ValidEntry, reason: string, refusal?: Refusal): ValidEntry | undefined {
    const record = this.store.of(this.file.id);
    const others = record.versions.filter((known) => known.entry.digest !== failed.digest);
    const before = others[0]?.entry;
    if (before === undefined) return undefined;
    const held = before.digest === this.file.digest ? null : this.hold(before, reason, refusal === 'license');
    // a version that fails does not stay among those that one can go back to
    this.store.replace(this.file.id, { versions: others, held });
    return before;
  }

  /**
   * Somebody chooses a version: the one whose digest begins so, or the one that ran before the one that is to run now.
   * @throws AppError `conflict` where there is no such version, several begin so, or it runs already
   */
  choose(digest: string | undefined): ValidEntry {
    const target = this.entry.digest;
    const choices: readonly ValidEntry[] = [
      ...this.store.of(this.file.id).versions.map(({ entry }) => entry),
      this.file,
    ];
    const chosen =
      digest === undefined ? choices.find((entry) => entry.digest !== target) : this.theOne(choices, digest);
    if (chosen === undefined) throw this.conflict(digest === undefined ? NO_OTHER : NO_SUCH);
    if (chosen.digest === target) throw this.conflict(`Version ${chosen.metadata.version} is the one that runs.`);
    const record = this.store.of(this.file.id);
    const reason = `Somebody went back to version ${chosen.metadata.version}.`;
    const held = chosen.digest === this.file.digest ? null : this.hold(chosen, reason, false);
    this.store.replace(this.file.id, { ...record, held });
    return chosen;
  }

  /** The only version whose digest begins so; undefined where there is none. */
  private theOne(choices: readonly ValidEntry[], digest: string): ValidEntry | undefined {
    const fitting = choices.filter((entry) => entry.digest.startsWith(digest));
    const names = new Map(fitting.map((entry) => [entry.digest, `${entry.metadata.version} (${entry.digest})`]));
    if (names.size < 2) return fitting[0];
    const list = [...names.values()].join(', ');
    throw this.conflict(
      `The digests of ${String(names.size)} versions begin with ${digest}: ${list}. Give more of it.`,
    );
  }

  private hold(instead: ValidEntry, reason: string, untilKeyChanges: boolean): HeldFile {
    return { digest: this.file.digest, reason, instead: instead.digest, untilKeyChanges };
  }

  private releaseIfReplaced(): void {
    const record = this.store.of(this.file.id);
    if (record.held === null || record.held.digest === this.file.digest) return;
    this.store.replace(this.file.id, { ...record, held: null });
  }

  private toListed(
    { digest, metadata }: ValidEntry,
    readyAt: KnownVersion['readyAt'] | null,
    target: string,
  ): ListedVersion {
    const { version } = metadata;
    // a file that cannot be used as it is now is no version
    const isFile = digest === this.file.digest && this.file.fileProblem === undefined;
    return { version, digest, readyAt, isFile, isTarget: digest === target };
  }

  private conflict(detail: string): AppError {
    return new AppError('conflict', detail, { plugin: this.file.id });
  }
}

const NO_OTHER = 'There is no other version to go back to.';
const NO_SUCH = 'There is no such version (any more). GET /api/plugins/:id/versions lists those that are kept.';
