import { createHash, randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat, utimes, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode } from '../common';
import { replaceFile } from './atomic-file';
import { identityOf, sameIdentity, type CandidateFile } from './discovery';
import { UnsafeFileError, openInside } from './safe-open';

/** Larger than any plugin known, in bytes; protects the data directory's disk. */
const MAX_BINARY_BYTES = 1024 ** 3;
/** How often a file that changes while it is copied is tried again in one scan. */
const COPY_ATTEMPTS = 3;
const CHUNK_BYTES = 1024 * 1024;
/** Copies that no file refers to any more and that stay nevertheless: an old version may still be running. */
const KEPT_UNREFERENCED = 5;
const INCOMING = '.incoming-';

/** A copy that only the host can write: what was checked is what runs (faults 2). */
export interface StoredBinary {
  /** SHA-256 of the content, in lower-case hexadecimal. */
  readonly digest: string;
  /** What is executed. */
  readonly path: string;
}

/** The file cannot be taken over; the message is the reason for the operator. */
export class BinaryRefusedError extends Error {
  override readonly name: string = 'BinaryRefusedError';
}

/** The same, for now: it changes while it is read. */
export class BinaryChangingError extends BinaryRefusedError {
  override readonly name = 'BinaryChangingError';
}

/** Private copies of the plugins' files, by content: `<data>/binaries/<sha256>/<name>`. */
export class BinaryStore {
  private readonly directory: string;

  constructor(
    dataDir: string,
    private readonly pluginsDir: string,
    private readonly maxBytes = MAX_BINARY_BYTES,
  ) {
    this.directory = join(dataDir, 'binaries');
  }

  /** Makes the directory and removes what an interrupted copy left behind. */
  async prepare(): Promise<void> {
    await mkdir(this.directory, { recursive: true, mode: 0o700 });
    // without it, Node takes a file for a part of the package around the data directory, and where that one says
    // "type": "module", a Node plugin fails with ERR_UNKNOWN_FILE_EXTENSION on ".binary"
    await replaceFile(join(this.directory, 'package.json'), '{}\n');
    for (const name of await readdir(this.directory)) {
      if (name.startsWith(INCOMING)) await rm(join(this.directory, name), { recursive: true, force: true });
    }
  }

  /** The copy of a file whose content is known, if it is there and whole. */
  async find(digest: string, candidate: Pick<CandidateFile, 'name' | 'identity'>): Promise<StoredBinary | undefined> {
    const path = this.pathOf(digest, candidate.name);
    try {
      const stats = await stat(path);
      return stats.isFile() && stats.size === candidate.identity.size ? { digest, path } : undefined;
    } catch {
      return undefined;
    }
  }

  /**
   * Copies a file through the descriptor that it was checked on.
   * @throws BinaryRefusedError with the reason; `BinaryChangingError` where another attempt may be worth it
   */
  async keep(candidate: CandidateFile): Promise<StoredBinary> {
    if (candidate.identity.size > this.maxBytes) {
      throw new BinaryRefusedError(`it is larger than ${this.maxBytes} bytes`);
    }
    try {
      for (let attempt = 0; attempt < COPY_ATTEMPTS; attempt++) {
        const stored = await this.copy(candidate);
        if (stored !== undefined) return stored;
      }
    } catch (error) {
      if (error instanceof UnsafeFileError) throw new BinaryRefusedError(error.message, { cause: error });
      throw new BinaryRefusedError(`it cannot be copied to the data directory (${errorCode(error)})`, { cause: error });
    }
    throw new BinaryChangingError('it is still being written, or was exchanged while it was read: scan again');
  }

  /** Removes the copies that nothing refers to, except the newest few. */
  async removeUnreferenced(referenced: ReadonlySet<string>, justDropped: ReadonlySet<string>): Promise<void> {
    const now = new Date();
    for (const digest of justDropped) {
      // counts from when it was dropped: the version that ran until now is the last one to go
      await utimes(join(this.directory, digest), now, now).catch(() => undefined);
    }
    const unreferenced: { readonly path: string; readonly age: number }[] = [];
    for (const name of await readdir(this.directory)) {
      if (!/^[0-9a-f]{64}$/.test(name) || referenced.has(name)) continue;
      const path = join(this.directory, name);
      unreferenced.push({ path, age: (await stat(path)).mtimeMs });
    }
    unreferenced.sort((a, b) => b.age - a.age);
    for (const { path } of unreferenced.slice(KEPT_UNREFERENCED)) await rm(path, { recursive: true, force: true });
  }

  /** Undefined: the file is not the one that was discovered, or changed while it was read. */
  private async copy(candidate: CandidateFile): Promise<StoredBinary | undefined> {
    const incoming = join(this.directory, INCOMING + randomUUID());
    const source = await openInside(this.pluginsDir, candidate.path);
    try {
      const digest = await this.copyFrom(source, candidate, incoming);
      if (digest === undefined) return undefined;
      const path = this.pathOf(digest, candidate.name);
      await mkdir(join(this.directory, digest), { recursive: true, mode: 0o700 });
      await rename(incoming, path);
      return { digest, path };
    } finally {
      await source.close();
      await rm(incoming, { force: true });
    }
  }

  private async copyFrom(source: FileHandle, candidate: CandidateFile, to: string): Promise<string | undefined> {
    const unchanged = async (): Promise<boolean> =>
      sameIdentity(identityOf(await source.stat({ bigint: true })), candidate.identity);
    if (!(await unchanged())) return undefined;
    const hash = createHash('sha256');
    const target = await open(to, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o500);
    try {
      const buffer = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, candidate.identity.size + 1));
      let copied = 0;
      for (;;) {
        const { bytesRead } = await source.read(buffer, 0, buffer.length, copied);
        if (bytesRead === 0) break;
        copied += bytesRead;
        if (copied > candidate.identity.size) return undefined;
        const chunk = buffer.subarray(0, bytesRead);
        hash.update(chunk);
        await target.writeFile(chunk);
      }
      if (copied !== candidate.identity.size || !(await unchanged())) return undefined;
      await target.chmod(0o500);
      await target.sync();
    } finally {
      await target.close();
    }
    return hash.digest('hex');
  }

  /** Keeps the name where it is plain, since a program may look at its own; anything odd stays out of paths. */
  private pathOf(digest: string, name: string): string {
    const plain = /^[\w.-]{1,128}$/.test(name) ? name : 'plugin.binary';
    return join(this.directory, digest, plain);
  }
}
