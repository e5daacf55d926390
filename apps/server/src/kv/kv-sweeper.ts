import { Injectable, Logger, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { Clock, errorMessage, timestamp, type Cancel } from '../common';
import { KvStore } from './kv-store.port';

/** Expired values are gone for readers at once; this only gives their space back, so there is no hurry. */
const SWEEP_INTERVAL_MS = 60_000;
/** Values that are removed at once: the embedded database stops the whole host meanwhile. */
const SWEEP_BATCH = 100;
/** The wait between two batches of one plugin, in milliseconds, in which requests have their turn. */
const SWEEP_PAUSE_MS = 20;

/** Removes values whose time to live is over, now and then, in small batches. */
@Injectable()
export class KvSweeper implements OnModuleInit, OnApplicationShutdown {
  private readonly logger = new Logger(KvSweeper.name);
  private cancel: Cancel = () => undefined;
  private stopped = false;

  constructor(
    private readonly store: KvStore,
    private readonly clock: Clock,
  ) {}

  onModuleInit(): void {
    this.schedule();
  }

  onApplicationShutdown(): void {
    this.stopped = true;
    this.cancel();
  }

  /** Removes all that has expired by now, and answers how many values that were. */
  async sweep(): Promise<number> {
    const now = timestamp(this.clock.now());
    let removed = 0;
    for (const namespace of await this.store.namespaces()) {
      for (;;) {
        if (this.stopped) return removed;
        const count = await this.store.purge(namespace, now, SWEEP_BATCH);
        removed += count;
        if (count < SWEEP_BATCH) break;
        await this.pause();
      }
    }
    return removed;
  }

  private schedule(): void {
    this.cancel = this.clock.setTimeout(() => {
      void this.sweep()
        .catch((error: unknown) => {
          this.logger.warn(`Expired values could not be removed; they stay unseen: ${errorMessage(error)}`);
        })
        .then(() => {
          if (!this.stopped) this.schedule();
        });
    }, SWEEP_INTERVAL_MS);
  }

  private pause(): Promise<void> {
    return new Promise((resolve) => {
      this.clock.setTimeout(resolve, SWEEP_PAUSE_MS);
    });
  }
}
