import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { MAX_METADATA_BYTES } from '@toru/protocol';
import { replaceFile } from './atomic-file';
import { sameIdentity, type CandidateFile, type FileIdentity } from './discovery';
import { isPluginId } from './file-names';

/** What `--metadata` of one state of one file printed. */
export interface CachedMetadata {
  /** SHA-256 of the file. */
  readonly digest: string;
  /** What it printed, byte for byte: it is judged anew each time, by the rules of the host that runs. */
  readonly output: Buffer;
}

/** Which file a plugin was accepted from: it keeps its id and route against newcomers (ISO-5). */
export interface Incumbent {
  readonly name: string;
  readonly id: string;
  readonly route: string;
}

/** One state of one file. */
interface FileState extends CachedMetadata {
  readonly name: string;
  readonly identity: FileIdentity;
}

const FORMAT = 1;
const MAX_ENTRIES = 10_000;
/** More than `MAX_ENTRIES` of any real size need, in bytes. */
const MAX_CACHE_BYTES = 64 * 1024 * 1024;

/**
 * What the files printed when they were last run, by file identity (META-2), in `<data>/metadata-cache.json`. Only runs
 * that ended well are in it, `MetadataFailures` has those that took too long. Beside it, what a file printed that was valid
 * and has been replaced by something that is not (SUP-8). A cache that cannot be read is made anew.
 */
export class MetadataCache {
  private readonly path: string;
  private entries = new Map<string, FileState>();
  /** By name; the same object as in `entries` where the file has not printed anything else since. */
  private usable = new Map<string, FileState>();
  private accepted: readonly Incumbent[] = [];
  private saved = '';

  constructor(dataDir: string) {
    this.path = join(dataDir, 'metadata-cache.json');
  }

  async load(): Promise<void> {
    let document: unknown;
    try {
      const handle = await open(this.path, constants.O_RDONLY | constants.O_NONBLOCK);
      try {
        const stats = await handle.stat();
        if (!stats.isFile() || stats.size > MAX_CACHE_BYTES) return;
        document = JSON.parse(await handle.readFile('utf8'));
      } finally {
        await handle.close();
      }
    } catch {
      return;
    }
    if (field(document, 'format') !== FORMAT) return;
    this.entries = new Map(list(document, 'files').flatMap(parseEntry));
    this.usable = new Map([...this.entries, ...list(document, 'usable').flatMap(parseEntry)]);
    this.accepted = list(document, 'accepted').flatMap(parseIncumbent);
  }

  get(candidate: CandidateFile): CachedMetadata | undefined {
    const entry = this.entries.get(candidate.name);
    return entry !== undefined && sameIdentity(entry.identity, candidate.identity) ? entry : undefined;
  }

  set(candidate: CandidateFile, metadata: CachedMetadata): void {
    const { digest, output } = metadata;
    const { name, identity } = candidate;
    this.entries.set(name, { name, identity, digest, output });
  }

  /** What a file printed last is valid metadata. */
  wasUsable(name: string): void {
    const entry = this.entries.get(name);
    if (entry !== undefined) this.usable.set(name, entry);
  }

  /**
   * The plugin that was accepted from a file of this name, with the id that it was accepted with; undefined where none was.
   * Its output is to be judged as any other.
   */
  lastUsable(name: string): (FileState & Pick<Incumbent, 'id'>) | undefined {
    const id = this.accepted.find((incumbent) => incumbent.name === name)?.id;
    const entry = this.usable.get(name);
    return id === undefined || entry === undefined ? undefined : { ...entry, id };
  }

  incumbents(): readonly Incumbent[] {
    return this.accepted;
  }

  /** Forgets files that are not there any more and writes the rest. A cache that cannot be written costs time, and what goes on after a restart. */
  async save(present: ReadonlySet<string>, accepted: readonly Incumbent[]): Promise<void> {
    for (const known of [this.entries, this.usable]) {
      for (const name of [...known.keys()]) if (!present.has(name)) known.delete(name);
    }
    this.accepted = accepted;
    const replaced = [...this.usable.values()].filter((entry) => this.entries.get(entry.name) !== entry);
    const files = [...this.entries.values()].map(toJson);
    const text = JSON.stringify({ format: FORMAT, files, usable: replaced.map(toJson), accepted });
    if (text === this.saved) return;
    await replaceFile(this.path, text, 0o600);
    this.saved = text;
  }
}

function toJson({ name, identity, digest, output }: FileState): object {
  return {
    name,
    dev: identity.dev,
    ino: identity.ino,
    size: identity.size,
    mtime_ns: identity.mtimeNs,
    ctime_ns: identity.ctimeNs,
    sha256: digest,
    output: output.toString('base64'),
  };
}

function parseEntry(value: unknown): [string, FileState][] {
  const [name, dev, ino, mtimeNs, ctimeNs, digest, output] = strings(
    value,
    ['name', 'dev', 'ino', 'mtime_ns', 'ctime_ns', 'sha256', 'output'],
  );
  const size = field(value, 'size');
  if (name === undefined || dev === undefined || ino === undefined || mtimeNs === undefined) return [];
  if (ctimeNs === undefined || digest === undefined || !/^[0-9a-f]{64}$/.test(digest)) return [];
  if (output === undefined || typeof size !== 'number' || !Number.isSafeInteger(size)) return [];
  const bytes = Buffer.from(output, 'base64');
  if (bytes.length === 0 || bytes.length > MAX_METADATA_BYTES) return [];
  return [[name, { name, identity: { dev, ino, size, mtimeNs, ctimeNs }, digest, output: bytes }]];
}

function parseIncumbent(value: unknown): Incumbent[] {
  const [name, id, route] = strings(value, ['name', 'id', 'route']);
  if (name === undefined || id === undefined || route === undefined) return [];
  return isPluginId(id) && isPluginId(route.slice(1)) ? [{ name, id, route }] : [];
}

function strings(value: unknown, keys: readonly string[]): (string | undefined)[] {
  return keys.map((key) => {
    const found = field(value, key);
    return typeof found === 'string' ? found : undefined;
  });
}

function list(value: unknown, key: string): unknown[] {
  const found = field(value, key);
  return Array.isArray(found) ? found.slice(0, MAX_ENTRIES) : [];
}

function field(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? (value as Record<string, unknown>)[key]
    : undefined;
}
