import { watch, type FSWatcher } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { OnModuleDestroy } from '@nestjs/common';
import type { Catalogue } from './catalogue';
import { discover, sameIdentity, type DiscoveredFile } from './discovery';

/** How often the directory is looked at without having been told: file systems of a network tell nothing. */
const LOOK_EVERY_MS = 30_000;
/** How many times one look waits for files that keep changing before it takes up the others. */
const MAX_WAITS = 20;

export interface WatcherParts {
  readonly pluginsDir: string;
  /** How long files must stay as they are before they are taken up, in milliseconds. */
  readonly settleMs: number;
  readonly catalogue: Pick<Catalogue, 'scan'>;
  /** Takes up what else lies in the directory: the licence keys of plugins. */
  readonly takeUpLicences: (settleMs: number, signal: AbortSignal) => Promise<void>;
  /** Told when a scan failed; the next look tries again. */
  readonly failed: (error: unknown) => void;
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
  private looking: Promise<void> | undefined;
  private noticed = false;
  private seen: readonly DiscoveredFile[] = [];

  constructor(private readonly parts: WatcherParts) {}

  /** Begins to watch what is there now, which was scanned already. */
  async start(): Promise<void> {
    this.seen = (await discover(this.parts.pluginsDir)).files;
    if (this.closing.signal.aborted) return;
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
    });
  }

  private async lookUntilQuiet(): Promise<void> {
    while (this.noticed && !this.closing.signal.aborted) {
      this.noticed = false;
      if (this.notices === undefined) this.listen();
      const { settleMs, takeUpLicences } = this.parts;
      const tell = (error: unknown): void => {
        if (!this.closing.signal.aborted) this.parts.failed(error);
      };
      // side by side: a plugin that is still being copied must not hold up the key of another one
      const licences = takeUpLicences(settleMs, this.closing.signal);
      await Promise.all([this.takeUp().catch(tell), licences.catch(tell)]);
    }
  }

  private async takeUp(): Promise<void> {
    const { pluginsDir, settleMs, catalogue } = this.parts;
    let { files, problem } = await discover(pluginsDir);
    if (problem?.kind === 'unreadable' || same(files, this.seen)) return;
    let unsettled: ReadonlySet<string> = new Set();
    for (let waits = 0; waits < MAX_WAITS; waits += 1) {
      await delay(settleMs, undefined, { signal: this.closing.signal });
      const later = await discover(pluginsDir);
      unsettled = new Set(later.files.filter((file) => !files.some((before) => isSame(file, before))).map(({ name }) => name));
      ({ files, problem } = later);
      if (unsettled.size === 0) break;
    }
    if (problem?.kind === 'unreadable') return;
    await catalogue.scan({ leaveOut: unsettled });
    this.seen = files.filter(({ name }) => !unsettled.has(name));
    // what was left out is looked at again
    this.noticed ||= unsettled.size > 0;
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
