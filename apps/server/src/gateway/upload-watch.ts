import { AppError, type Cancel, type Clock } from '../common';
import type { UploadObserver } from './streamed-body';

/**
 * Watches over an upload, which may take long as long as it goes on: the time in which nothing moved is what counts, and
 * from its last byte on the time that the plugin takes to answer.
 */
export class UploadWatch implements UploadObserver {
  /** What has come so far. */
  bytes = 0;
  awaitsClient = false;
  private cancel: Cancel | undefined;

  constructor(
    private readonly clock: Clock,
    private readonly idleMs: number,
    /** Aborts the exchange, with an `AppError` as the reason. */
    private readonly abort: (reason: Error) => void,
  ) {}

  begin(): void {
    this.cancel?.();
    this.cancel = this.clock.setTimeout(() => {
      this.refuse(
        this.awaitsClient
          ? new AppError('request_timeout', `Nothing came of the body for ${this.idleMs} ms.`)
          : new AppError(
              'plugin_timeout',
              `The plugin took nothing of the body, or did not answer, for ${this.idleMs} ms.`,
            ),
      );
    }, this.idleMs);
  }

  progress(bytes: number): void {
    this.bytes += bytes;
    if (this.cancel !== undefined) this.begin();
  }

  refuse(error: Error): void {
    this.abort(error);
  }

  end(): void {
    this.cancel?.();
    this.cancel = undefined;
  }
}
