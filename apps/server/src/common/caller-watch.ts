import { Slots } from '@toru/protocol';
import { AppError } from './app-error';
import type { Cancel, Clock } from './clock';

/**
 * How often it is asked whether callers may stay, in milliseconds, beside at once after each change on this host. What
 * another host has revoked shows when the look-up is not answered from memory any more, which takes 400 ms at most.
 */
const INTERVAL_MS = 500;
/** So long may a caller stay whose right nobody can look up, because the storage does not answer, in milliseconds. */
const UNPROVEN_MS = 30_000;

/** Calls back when somebody who was admitted may have lost that: a session ended, a role changed, a token revoked. */
export interface RightsChanges {
  onChange(listener: () => void): void;
}

interface Watched {
  readonly admit: () => unknown;
  readonly onRevoked: (reason: AppError) => void;
  provenAt: number;
  slot: number;
}

/**
 * Watches over the callers of what stays open: streams and WebSockets. They end within a second after their session ended,
 * their token was revoked, or their role changed (faults 27).
 */
export class CallerWatch {
  private readonly watched = new Slots<Watched>();
  private cancel: Cancel | undefined;

  constructor(
    changes: RightsChanges,
    private readonly clock: Clock,
  ) {
    changes.onChange(() => {
      this.checkAll();
    });
  }

  /**
   * Calls back once, when a caller who was admitted would not be admitted any more.
   * @param admit asks for it again; throws, or rejects, with an `AppError` of status 401 or 403 where it is refused
   * @returns to be called when what is open has ended
   */
  watch(admit: () => unknown, onRevoked: (reason: AppError) => void): () => void {
    const entry: Watched = { admit, onRevoked, provenAt: this.clock.monotonic(), slot: 0 };
    entry.slot = this.watched.add(entry);
    this.cancel ??= this.clock.setTimeout(this.tick, INTERVAL_MS);
    return () => {
      this.forget(entry);
    };
  }

  private readonly tick = (): void => {
    this.cancel = undefined;
    if (this.watched.size === 0) return;
    this.cancel = this.clock.setTimeout(this.tick, INTERVAL_MS);
    this.checkAll();
  };

  private checkAll(): void {
    for (const entry of this.watched.all()) void this.check(entry);
  }

  /** Whether it was watched. */
  private forget(entry: Watched): boolean {
    return this.watched.at(entry.slot) === entry && this.watched.take(entry.slot) !== undefined;
  }

  private async check(entry: Watched): Promise<void> {
    try {
      await entry.admit();
      entry.provenAt = this.clock.monotonic();
    } catch (error) {
      const refused = error instanceof AppError && (error.status === 401 || error.status === 403);
      if (!refused && this.clock.monotonic() - entry.provenAt < UNPROVEN_MS) return;
      if (!this.forget(entry)) return;
      entry.onRevoked(new AppError('unauthenticated', 'The session or token that this was opened with has ended.'));
    }
  }
}
