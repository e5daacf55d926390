import { watch, type FSWatcher } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { OnModuleDestroy } from '@nestjs/common';
import type { Catalogue } from './catalogue';
import { discover, sameIdentity, type DiscoveredFile } from './discovery';

/** How often the directory is looked at without having been told: file systems of a network tell nothing. */
const LOOK_EVERY_MS = 30_000;
/** How long it waits with trying again what the host could not look into, in milliseconds: twice as long each time. */
const FIRST_RETRY_MS = 1_000;
const LAST_RETRY_MS = 16_000;
/** How many times one look waits for files that keep changing before it takes up the others. */
const MAX_WAITS = 20;

export interface WatcherParts {
  readonly pluginsDir: string;
  /** How long files must stay as they are before they are taken up, in milliseconds. */
  readonly settleMs: number;
  readonly catalogue: Pick<Catalogue, 'scan' | 'found' | 'isBehind' | 'hasDueFile' | 'problem' | 'onScanned'>;
  /** Takes up what else lies in the directory: the licence keys of plugins. */
  readonly takeUpLicences: (settleMs: number, signal: AbortSignal) => Promise<void>;
  /** Told when a scan failed; the next look tries again. */
  readonly failed: (error: unknown) => void;
  /** In milliseconds; for tests. */
  readonly firstRetryMs?: number;
}

/**
 * Takes up new, replaced and removed plugins while the host runs (SUP-9). A file that is still being written is left alone
 * until it stays as it is: a slow copy is never run half (SUP-8). The system's notices only say when to look; what is there
 * is decided by looking.
 */
export class PluginsWatcher implements OnModuleDestroy {
  private readonly closing = new AbortController();
  private notices: FSWatcher | undefined;
  private timer: NodeJS.Timeout | undefined;
  private retry: NodeJS.Timeout | undefined;
  /** Looks in a row after which the catalogue was behind, or there was no directory to listen to. */
  private retries = 0;
  private looking: Promise<void> | undefined;
  private noticed = false;
  private watches = true;
  private seen: readonly DiscoveredFile[] = [];

  constructor(private readonly parts: WatcherParts) {}

  /**
   * Begins to watch. What has changed since the first scan, which may have taken its time, is taken up as well.
   * @param watches without it, only what a scan could not look into is taken up by itself
   */
  start(watches: boolean): void {
    this.watches = watches;
    this.seen = this.parts.catalogue.found;
    if (this.closing.signal.aborted) return;
    this.parts.catalogue.onScanned(() => {
      if (this.looking === undefined) this.tryAgainLater();
    });
    if (!watches) {
      this.tryAgainLater();
      return;
    }
    this.listen();
    this.timer = setInterval(() => {
      this.look();
    }, LOOK_EVERY_MS);
    this.timer.unref();
    // a key may have come since it was looked for at the start
    this.look();
  }

  /** Resolves when nothing of it is left. */
  async onModuleDestroy(): Promise<void> {
    this.closing.abort();
    clearInterval(this.timer);
    clearTimeout(this.retry);
    this.notices?.close();
    await this.looking;
  }

  /** A directory that is removed takes its notices with it; the next look listens to the new one. */
  private listen(): void {
    try {
      this.notices = watch(this.parts.pluginsDir, { persistent: false }, () => {
        this.look();
      });
      this.notices.on('error', () => {
        this.forgetNotices();
      });
    } catch {
      this.notices = undefined;
    }
  }

  private forgetNotices(): void {
    this.notices?.close();
    this.notices = undefined;
  }

  private look(): void {
    if (this.closing.signal.aborted) return;
    this.noticed = true;
    this.looking ??= this.lookUntilQuiet().finally(() => {
      this.looking = undefined;
      this.tryAgainLater();
    });
  }

  private async lookUntilQuiet(): Promise<void> {
    while (this.noticed && !this.closing.signal.aborted) {
      this.noticed = false;
      if (this.watches && this.notices === undefined) this.listen();
      const { settleMs, takeUpLicences } = this.parts;
      const tell = (error: unknown): void => {
        if (!this.closing.signal.aborted) this.parts.failed(error);
      };
      // side by side: a plugin that is still being copied must not hold up the key of another one
      const licences = this.watches ? takeUpLicences(settleMs, this.closing.signal) : Promise.resolve();
      await Promise.all([this.takeUp().catch(tell), licences.catch(tell)]);
    }
  }

  private async takeUp(): Promise<void> {
    const { pluginsDir, settleMs, catalogue } = this.parts;
    let { files, problem } = await discover(pluginsDir);
    // what is there at its path the next time is another directory
    if (problem !== undefined) this.forgetNotices();
    const isDue = catalogue.isBehind || catalogue.hasDueFile || catalogue.problem !== problem?.detail;
    if (same(files, this.seen) && !isDue) return;
    let unsettled: ReadonlySet<string> = new Set();
    for (let waits = 0; waits < MAX_WAITS && problem?.kind !== 'unreadable'; waits += 1) {
      await delay(settleMs, undefined, { signal: this.closing.signal });
      const later = await discover(pluginsDir);
      unsettled = new Set(later.files.filter((file) => !files.some((before) => isSame(file, before))).map(({ name }) => name));
      ({ files, problem } = later);
      if (unsettled.size === 0) break;
    }
    if (problem?.kind === 'unreadable') {
      // what was there may be there again
      await catalogue.scan();
      return;
    }
    await catalogue.scan({ leaveOut: unsettled });
    this.seen = files.filter(({ name }) => !unsettled.has(name));
    // what was left out is looked at again
    this.noticed ||= unsettled.size > 0;
  }

  /** What the host lacked, or the directory, may be there again, and nobody tells of that (faults 15). */
  private tryAgainLater(): void {
    clearTimeout(this.retry);
    const { isBehind, problem } = this.parts.catalogue;
    const isDeaf = this.watches && this.notices === undefined;
    if ((!isBehind && !isDeaf && problem === undefined) || this.closing.signal.aborted) {
      this.retries = 0;
      return;
    }
    const delayMs = Math.min((this.parts.firstRetryMs ?? FIRST_RETRY_MS) * 2 ** this.retries, LAST_RETRY_MS);
    this.retries += 1;
    this.retry = setTimeout(() => {
      this.look();
    }, delayMs).unref();
  }
}

function same(a: readonly DiscoveredFile[], b: readonly DiscoveredFile[]): boolean {
  return a.length === b.length && a.every((file, index) => b[index] !== undefined && isSame(file, b[index]));
}

function isSame(a: DiscoveredFile, b: DiscoveredFile): boolean {
  if (a.name !== b.name) return false;
  if (a.kind === 'refused') return b.kind === 'refused' && a.reason === b.reason;
  return b.kind === 'candidate' && sameIdentity(a.identity, b.identity);
}
