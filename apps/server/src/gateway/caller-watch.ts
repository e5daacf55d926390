import type { IncomingMessage } from 'node:http';
import { AppError, type Cancel, type Clock } from '../common';
import type { AdmitOptions, RequestAuthenticator } from './gateway.ports';

/**
 * How often it is asked whether callers may stay, in milliseconds, beside at once after each change on this host. What
 * another host has revoked shows when the look-up is not answered from memory any more, which takes 400 ms at most.
 */
const INTERVAL_MS = 500;
/** So long may a caller stay whose right nobody can look up, because the storage does not answer, in milliseconds. */
const UNPROVEN_MS = 30_000;

interface Watched {
  readonly request: IncomingMessage;
  readonly options: AdmitOptions;
  readonly onRevoked: (reason: AppError) => void;
  provenAt: number;
}

/**
 * Watches over the callers of what stays open: streams and WebSockets. They end within a second after their session ended,
 * their token was revoked, or their role changed (faults 27).
 */
export class CallerWatch {
  private readonly watched = new Set<Watched>();
  private cancel: Cancel | undefined;

  constructor(
    private readonly authenticator: RequestAuthenticator,
    private readonly clock: Clock,
  ) {
    authenticator.onChange(() => {
      this.checkAll();
    });
  }

  /**
   * Calls back once, when the caller of a request that was admitted would not be admitted any more.
   * @returns to be called when what is open has ended
   */
  watch(request: IncomingMessage, options: AdmitOptions, onRevoked: (reason: AppError) => void): () => void {
    const entry: Watched = { request, options, onRevoked, provenAt: this.clock.monotonic() };
    this.watched.add(entry);
    this.cancel ??= this.clock.setTimeout(this.tick, INTERVAL_MS);
    return () => {
      this.watched.delete(entry);
    };
  }

  private readonly tick = (): void => {
    this.cancel = undefined;
    if (this.watched.size === 0) return;
    this.cancel = this.clock.setTimeout(this.tick, INTERVAL_MS);
    this.checkAll();
  };

  private checkAll(): void {
    for (const entry of this.watched) void this.check(entry);
  }

  private async check(entry: Watched): Promise<void> {
    try {
      await this.authenticator.admit(entry.request, entry.options);
      entry.provenAt = this.clock.monotonic();
    } catch (error) {
      const refused = error instanceof AppError && (error.status === 401 || error.status === 403);
      if (!refused && this.clock.monotonic() - entry.provenAt < UNPROVEN_MS) return;
      if (!this.watched.delete(entry)) return;
      entry.onRevoked(new AppError('unauthenticated', 'The session or token that this was opened with has ended.'));
    }
  }
}
