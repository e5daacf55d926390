import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { errorMessage } from '../common';
import { NO_FAILURES, type FailureRecord } from './failure-record';
import { FailureStore } from './failure-store.port';
import { SupervisorJournal } from './supervisor-journal';

/** How long the end of the host waits for the database. */
const CLOSE_TIMEOUT_MS = 2000;

/**
 * What is remembered of all plugins' failures. Supervision never waits for the database: what is to be remembered is
 * written behind, the newest for each plugin, and what cannot be written is reported and goes out with the next change.
 */
@Injectable()
export class FailureHistories implements OnApplicationShutdown {
  private known = new Map<string, FailureRecord>();
  private readonly unsaved = new Set<string>();
  private readonly writing = new Map<string, Promise<void>>();

  constructor(
    private readonly store: FailureStore,
    private readonly journal: SupervisorJournal,
  ) {}

  /** Reads what earlier runs of the host remember. Rejects with `AppError` `storage_unavailable`. */
  async load(): Promise<void> {
    this.known = new Map(await this.store.all());
  }

  of(plugin: string): FailureRecord {
    return this.known.get(plugin.toLowerCase()) ?? NO_FAILURES;
  }

  remember(plugin: string, record: FailureRecord): void {
    const key = plugin.toLowerCase();
    this.known.set(key, record);
    this.unsaved.add(key);
    if (!this.writing.has(key)) this.writing.set(key, this.write(key));
  }

  /** Resolves when everything is stored, or cannot be stored now. */
  async flush(): Promise<void> {
    await Promise.all(this.writing.values());
  }

  async onApplicationShutdown(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, CLOSE_TIMEOUT_MS);
    });
    await Promise.race([this.flush(), late]);
    clearTimeout(timer);
  }

  private async write(key: string): Promise<void> {
    try {
      while (this.unsaved.delete(key)) await this.store.save(key, this.of(key));
    } catch (error) {
      const message = `what is known of its crashes could not be saved: ${errorMessage(error)}`;
      this.journal.record({ plugin: key, action: 'error', message, level: 'error' });
    } finally {
      this.writing.delete(key);
    }
  }
}
