import { constants } from 'node:fs';
import { mkdir, open, readFile, readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { AppError, errorCode } from '../common';
import { replaceFile } from './atomic-file';
import { CorruptConfigError, EMPTY_DOCUMENT, parseConfig, withPlugin, type ConfigDocument } from './config-document';
import { EnabledState, type EnabledStateProblem } from './enabled-state.port';

/** Far more than any directory of plugins needs, in bytes; a larger file is somebody's mistake. */
const MAX_CONFIG_BYTES = 4 * 1024 * 1024;

export interface FileEnabledStateOptions {
  readonly pluginsDir: string;
  /** Whether a plugin that was never recorded is to run (LIF-4); no by default. */
  readonly enableNewPlugins?: boolean;
  /** Told once of each problem when it is first seen. */
  readonly report?: (problem: EnabledStateProblem) => void;
  readonly now?: () => number;
}

/** What stands on the disk at one moment. */
type Stored =
  | { readonly kind: 'document'; readonly document: ConfigDocument }
  | { readonly kind: 'corrupt'; readonly bytes: Buffer; readonly reason: string }
  | { readonly kind: 'unusable'; readonly reason: string };

/** The enabled state in `<plugins>/.metadata/config.json` (LIF-3), which operators may edit while the host runs. */
export class FileEnabledState extends EnabledState {
  private readonly path: string;
  private readonly enableNewPlugins: boolean;
  private readonly report: (problem: EnabledStateProblem) => void;
  private readonly now: () => number;
  /** The document that was last read or written; absent until one was. */
  private known: ConfigDocument | undefined;
  private current: readonly EnabledStateProblem[] = [];
  /** The whole state is unreadable: nothing is enabled, not even what the setting would turn on. */
  private closed = false;
  private queue: Promise<void> = Promise.resolve();

  constructor(options: FileEnabledStateOptions) {
    super();
    this.path = join(options.pluginsDir, '.metadata', 'config.json');
    this.enableNewPlugins = options.enableNewPlugins ?? false;
    this.report = options.report ?? (() => undefined);
    this.now = options.now ?? Date.now;
  }

  override load(): Promise<void> {
    return this.enqueue(async () => {
      const stored = await this.read();
      if (stored.kind === 'document') {
        this.adopt(stored.document);
        return;
      }
      let detail = `${this.path} cannot be used: ${stored.reason}.`;
      if (stored.kind === 'corrupt') detail += await this.tryKeepAside(stored.bytes);
      // a running host goes on with what it last knew; a starting one knows nothing and enables nothing
      if (this.known === undefined) {
        this.closed = true;
        detail += ' No plugin is enabled until it is repaired or plugins are enabled anew.';
      }
      this.setProblems([{ detail }]);
    });
  }

  override isEnabled(id: string): boolean {
    if (this.closed) return false;
    return this.known?.plugins.get(id.toLowerCase()) ?? this.enableNewPlugins;
  }

  override set(id: string, enabled: boolean): Promise<void> {
    return this.enqueue(async () => {
      const base = await this.baseForWrite();
      try {
        const text = withPlugin(base, id, enabled);
        await mkdir(dirname(this.path), { recursive: true });
        await replaceFile(this.path, text);
        this.adopt(parseConfig(Buffer.from(text)));
      } catch (error) {
        throw this.unusable(
          `it cannot be written (${errorCode(error)}): check the directory's owner, mode and free space`,
          error,
        );
      }
    });
  }

  override problems(): readonly EnabledStateProblem[] {
    return this.current;
  }

  /**
   * What a write starts from: the document as it is now, so that edits by hand survive. In place of a corrupt one, once
   * that is kept aside, the document that this host last read or wrote: no acknowledged change is lost.
   */
  private async baseForWrite(): Promise<ConfigDocument> {
    const stored = await this.read();
    if (stored.kind === 'document') return stored.document;
    if (stored.kind === 'unusable') throw this.unusable(stored.reason);
    try {
      const aside = await this.keepAside(stored.bytes);
      this.setProblems([{ detail: `${this.path} was not usable: ${stored.reason}. It is kept as ${aside}.` }]);
    } catch (error) {
      throw this.unusable(`${stored.reason}, and it cannot be kept aside (${errorCode(error)})`, error);
    }
    return this.known ?? EMPTY_DOCUMENT;
  }

  private adopt(document: ConfigDocument): void {
    this.known = document;
    this.closed = false;
    this.setProblems(document.problems);
  }

  private async read(): Promise<Stored> {
    let handle;
    try {
      // O_NONBLOCK: a FIFO in its place must not hold up the host
      handle = await open(this.path, constants.O_RDONLY | constants.O_NONBLOCK);
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return { kind: 'document', document: EMPTY_DOCUMENT };
      return { kind: 'unusable', reason: `it cannot be read (${errorCode(error)}): repair or remove it` };
    }
    try {
      const stats = await handle.stat();
      if (!stats.isFile()) return { kind: 'unusable', reason: 'it is not a regular file: move it away' };
      if (stats.size > MAX_CONFIG_BYTES) return { kind: 'unusable', reason: 'it is larger than 4 MiB: move it away' };
      const bytes = await handle.readFile();
      try {
        return { kind: 'document', document: parseConfig(bytes) };
      } catch (error) {
        if (error instanceof CorruptConfigError) return { kind: 'corrupt', bytes, reason: error.message };
        throw error;
      }
    } catch (error) {
      return { kind: 'unusable', reason: `it cannot be read (${errorCode(error)}): repair or remove it` };
    } finally {
      await handle.close();
    }
  }

  private async tryKeepAside(bytes: Buffer): Promise<string> {
    try {
      return ` A copy is kept as ${await this.keepAside(bytes)}.`;
    } catch (error) {
      return ` It could not be copied aside (${errorCode(error)}).`;
    }
  }

  /** Copies corrupt content to a file of its own, unless one holds it already. Returns that file's path. */
  private async keepAside(bytes: Buffer): Promise<string> {
    const directory = dirname(this.path);
    const prefix = 'config.json.corrupt-';
    for (const name of await readdir(directory)) {
      if (!name.startsWith(prefix)) continue;
      const kept = await readFile(join(directory, name)).catch(() => undefined);
      if (kept?.equals(bytes) === true) return join(directory, name);
    }
    const stamp = new Date(this.now()).toISOString().replace(/[:.]/g, '-');
    for (let attempt = 1; ; attempt++) {
      const path = join(directory, `${prefix}${stamp}${attempt === 1 ? '' : `-${attempt}`}`);
      try {
        await writeFile(path, bytes, { flag: 'wx', mode: 0o600, flush: true });
        return path;
      } catch (error) {
        if (errorCode(error) !== 'EEXIST' || attempt >= 100) throw error;
      }
    }
  }

  private setProblems(problems: readonly EnabledStateProblem[]): void {
    const known = new Set(this.current.map((p) => `${p.plugin ?? ''}\n${p.detail}`));
    this.current = problems;
    for (const problem of problems) {
      if (!known.has(`${problem.plugin ?? ''}\n${problem.detail}`)) this.report(problem);
    }
  }

  private unusable(reason: string, cause?: unknown): AppError {
    return new AppError('enabled_state_unusable', `${this.path} cannot be used: ${reason}. Nothing was changed.`, { cause });
  }

  private enqueue(work: () => Promise<void>): Promise<void> {
    const result = this.queue.then(work);
    this.queue = result.catch(() => undefined);
    return result;
  }
}
