import { AppError, type Cancel, type Clock } from '../common';
import type { UploadObserver } from './streamed-body';

/**
 * Watches over an upload, which may take long as long as it goes on: the time in which nothing moved is what counts, and
 * from its last byte on the time that the plugin takes to answer.
 */
export class UploadWatch implements UploadObserver {
  private readonly controller = new AbortController();
  private cancel: Cancel | undefined;

  constructor(
    private readonly clock: Clock,
    private readonly idleMs: number,
  ) {}

  /** Aborted with the reason, an `AppError`. */
  get signal(): AbortSignal {
    return this.controller.signal;
  }

  begin(): void {
    this.cancel?.();
    this.cancel = this.clock.setTimeout(() => {
      this.refuse(new AppError('plugin_timeout', `Nothing moved for ${this.idleMs} ms.`));
    }, this.idleMs);
  }

  progress(): void {
    if (this.cancel !== undefined) this.begin();
  }

  refuse(error: Error): void {
    this.controller.abort(error);
  }

  end(): void {
    this.cancel?.();
    this.cancel = undefined;
  }
}
