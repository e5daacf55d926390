import { setTimeout as delay } from 'node:timers/promises';
import { exposureOf, findLicenceFiles, readLicenceFile, type FoundFile, type LicenceFile } from './licence-file';

/** How many times one look waits for files that keep changing. */
const MAX_WAITS = 20;

/** A plugin whose file came, changed or went. */
export interface FileChange {
  /** In lower case. */
  readonly plugin: string;
  readonly before: LicenceFile | undefined;
  readonly after: LicenceFile | undefined;
}

/** The keys that lie as `<id>.license` in the plugins directory, as they were when it was last looked at. */
export class LicenceFiles {
  private files: ReadonlyMap<string, LicenceFile> = new Map();
  private seen = '';
  private looking: Promise<unknown> = Promise.resolve();

  /** Modes that were warned of, by the name of the file. */
  private readonly warned = new Map<string, number>();

  /** @param warn told of a file that everybody may read: once, and again with another mode */
  constructor(
    private readonly directory: string,
    private readonly warn: (warning: string) => void = () => undefined,
  ) {}

  /** @param plugin its id in lower case */
  of(plugin: string): LicenceFile | undefined {
    return this.files.get(plugin);
  }

  get plugins(): readonly string[] {
    return [...this.files.keys()];
  }

  /**
   * Looks again and tells what has changed; one look at a time.
   * @param settleMs how long changed files must stay as they are before they are read, in milliseconds
   */
  refresh(settleMs = 0, signal?: AbortSignal): Promise<readonly FileChange[]> {
    const look = this.looking.then(() => this.lookAgain(settleMs, signal));
    this.looking = look.catch(() => undefined);
    return look;
  }

  private async lookAgain(settleMs: number, signal?: AbortSignal): Promise<readonly FileChange[]> {
    let found = await findLicenceFiles(this.directory);
    if (found === undefined || keyOf(found) === this.seen) return [];
    for (let waits = 0; settleMs > 0 && waits < MAX_WAITS; waits += 1) {
      await delay(settleMs, undefined, signal === undefined ? {} : { signal });
      const later = await findLicenceFiles(this.directory);
      if (later === undefined) return [];
      const settled = keyOf(later) === keyOf(found);
      found = later;
      if (settled) break;
    }
    const before = this.files;
    this.files = await this.read(found);
    this.seen = keyOf(found);
    await this.warnOfExposed();
    return [...new Set([...before.keys(), ...this.files.keys()])]
      .map((plugin) => ({ plugin, before: before.get(plugin), after: this.files.get(plugin) }))
      .filter(({ before, after }) => before?.key !== after?.key || before?.problem !== after?.problem);
  }

  private async warnOfExposed(): Promise<void> {
    const holding = [...this.files.values()].filter(({ key }) => key !== undefined).map(({ name }) => name);
    for (const name of [...this.warned.keys()]) if (!holding.includes(name)) this.warned.delete(name);
    for (const name of holding) {
      const exposure = await exposureOf(this.directory, name);
      if (exposure !== undefined && this.warned.get(name) !== exposure.mode) this.warn(exposure.warning);
      if (exposure === undefined) this.warned.delete(name);
      else this.warned.set(name, exposure.mode);
    }
  }

  private async read(found: readonly FoundFile[]): Promise<ReadonlyMap<string, LicenceFile>> {
    const files = new Map<string, LicenceFile>();
    for (const { plugin, name } of found) {
      const first = files.get(plugin);
      if (first === undefined) files.set(plugin, await readLicenceFile(this.directory, name));
      else files.set(plugin, { name: first.name, problem: `${name} is for the same plugin: remove one of them` });
    }
    return files;
  }
}

function keyOf(found: readonly FoundFile[]): string {
  return found.map(({ name, identity }) => `${name} ${identity}`).join('\n');
}
