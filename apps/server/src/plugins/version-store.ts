import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { PluginMetadata } from '@toru/contracts';
import type { MetadataResult } from '@toru/protocol';
import { errorMessage } from '../common';
import { replaceFile } from './atomic-file';
import type { ValidEntry } from './catalogue-entry';

/** Versions that are remembered of each plugin, the one that serves among them. */
export const KEPT_VERSIONS = 4;
const FORMAT = 1;
const MAX_BYTES = 64 * 1024 * 1024;
const MAX_REASON = 500;

/** A version of a plugin that was ready once. */
export interface KnownVersion {
  /** With the private copy as its `executable`. */
  readonly entry: ValidEntry;
  /** When it was ready for the last time, in milliseconds since the epoch. */
  readonly readyAt: number;
}

/** The file in the plugins directory is not to run, since it failed or somebody went back: another version does. */
export interface HeldFile {
  /** SHA-256 of the file that is held. */
  readonly digest: string;
  /** One sentence. */
  readonly reason: string;
  /** SHA-256 of the version that runs in its place. */
  readonly instead: string;
  /** It refused its licence key: it is tried again with another one (LIC-3). */
  readonly untilKeyChanges: boolean;
}

export interface VersionRecord {
  /** The newest first. */
  readonly versions: readonly KnownVersion[];
  readonly held: HeldFile | null;
}

const NOTHING: VersionRecord = { versions: [], held: null };

/** Parts of the store that are not its own. */
export interface VersionStoreParts {
  readonly dataDir: string;
  readonly parseMetadata: (output: Uint8Array) => MetadataResult;
  /** Told once when the file cannot be written; what was to be remembered is in memory. */
  readonly problem: (detail: string) => void;
}

/** Which versions of each plugin have run, and which one runs in place of its file, in `<data>/versions.json` (SUP-8). */
export class VersionStore {
  private readonly path: string;
  private readonly records = new Map<string, VersionRecord>();
  private saving: Promise<void> = Promise.resolve();
  /** A save will begin that has all that is known by then. */
  private saveIsArranged = false;
  private failing = false;

  constructor(private readonly parts: VersionStoreParts) {
    this.path = join(parts.dataDir, 'versions.json');
  }

  /** A file that cannot be read is made anew: then there is nothing to go back to. */
  async load(): Promise<void> {
    const document = await readJson(this.path);
    if (field(document, 'format') !== FORMAT) return;
    const plugins = field(document, 'plugins');
    if (typeof plugins !== 'object' || plugins === null) return;
    for (const [id, value] of Object.entries(plugins)) this.records.set(id, this.parse(value));
  }

  /** @param id compared without case */
  of(id: string): VersionRecord {
    return this.records.get(id.toLowerCase()) ?? NOTHING;
  }

  /** The copies that must not be removed. */
  digests(): ReadonlySet<string> {
    return new Set([...this.records.values()].flatMap(({ versions }) => versions.map(({ entry }) => entry.digest)));
  }

  replace(id: string, record: VersionRecord): void {
    const held = record.held === null ? null : { ...record.held, reason: record.held.reason.slice(0, MAX_REASON) };
    const needed = record.versions.find(({ entry }) => entry.digest === held?.instead);
    const versions = record.versions.slice(0, KEPT_VERSIONS);
    if (needed !== undefined && !versions.includes(needed)) versions[KEPT_VERSIONS - 1] = needed;
    this.records.set(id.toLowerCase(), { versions, held });
    // while one is being written, all that changes waits for one more: a hundred plugins become ready in two or three saves
    if (this.saveIsArranged) return;
    this.saveIsArranged = true;
    this.saving = this.saving.then(() => {
      this.saveIsArranged = false;
      return this.save();
    });
  }

  /** Resolves when all that was to be written is, or could not be. */
  async flush(): Promise<void> {
    await this.saving;
  }

  private async save(): Promise<void> {
    const plugins = [...this.records].map(([id, { versions, held }]): [string, object] => [
      id,
      // what is wrong with a file is not its versions' to remember
      { versions: versions.map(({ entry, readyAt }) => ({ ...entry, fileProblem: undefined, ready_at: readyAt })), held: heldJson(held) },
    ]);
    try {
      await replaceFile(this.path, JSON.stringify({ format: FORMAT, plugins: Object.fromEntries(plugins) }), 0o600);
      this.failing = false;
    } catch (error) {
      if (!this.failing) this.parts.problem(`Versions of plugins cannot be remembered: ${errorMessage(error)}`);
      this.failing = true;
    }
  }

  private parse(value: unknown): VersionRecord {
    const list = field(value, 'versions');
    const items = Array.isArray(list) ? (list.slice(0, KEPT_VERSIONS) as unknown[]) : [];
    const versions = items.flatMap((one) => this.parseVersion(one));
    const held = parseHeld(field(value, 'held'));
    const usable = held !== null && versions.some(({ entry }) => entry.digest === held.instead);
    return { versions, held: usable ? held : null };
  }

  private parseVersion(value: unknown): KnownVersion[] {
    const [file, executable, digest] = ['file', 'executable', 'digest'].map((key) => text(field(value, key)));
    const readyAt = field(value, 'ready_at');
    const metadata = this.parseMetadataOf(field(value, 'metadata'));
    if (file === undefined || executable === undefined || metadata === undefined) return [];
    if (digest === undefined || !/^[0-9a-f]{64}$/.test(digest) || typeof readyAt !== 'number') return [];
    // nothing else is ever executed than a private copy
    if (dirname(executable) !== resolve(this.parts.dataDir, 'binaries', digest)) return [];
    return [{ entry: { kind: 'valid', id: metadata.id, file, executable, digest, metadata }, readyAt }];
  }

  /** By the rules of the host that runs: they may have changed since it was written. */
  private parseMetadataOf(value: unknown): PluginMetadata | undefined {
    if (typeof value !== 'object' || value === null) return undefined;
    const result = this.parts.parseMetadata(Buffer.from(JSON.stringify(value)));
    return result.ok ? result.metadata : undefined;
  }
}

async function readJson(path: string): Promise<unknown> {
  try {
    const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const stats = await handle.stat();
      return stats.isFile() && stats.size <= MAX_BYTES ? (JSON.parse(await handle.readFile('utf8')) as unknown) : undefined;
    } finally {
      await handle.close();
    }
  } catch {
    return undefined;
  }
}

function parseHeld(value: unknown): HeldFile | null {
  const [digest, reason, instead] = ['digest', 'reason', 'instead'].map((key) => text(field(value, key)));
  if (digest === undefined || reason === undefined || instead === undefined) return null;
  return { digest, reason, instead, untilKeyChanges: field(value, 'until_key_changes') === true };
}

function heldJson(held: HeldFile | null): object | null {
  if (held === null) return null;
  const { untilKeyChanges, ...rest } = held;
  return { ...rest, until_key_changes: untilKeyChanges };
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function field(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? (value as Record<string, unknown>)[key]
    : undefined;
}
