import { Injectable, Logger, type BeforeApplicationShutdown, type OnApplicationShutdown } from '@nestjs/common';
import type { Page, PluginEvent } from '@toru/contracts';
import { Subject, type Observable } from 'rxjs';
import { AppError, Clock, Concealment, errorMessage, timestamp, type Cancel } from '../common';
import { parseDetails, serializeDetails } from './event-details';
import { EventStore, type EventFilter, type NewEvent, type StoredEvent } from './event-store.port';

export interface EventQuery extends EventFilter {
  /** Counts from 1. */
  readonly page: number;
  readonly pageSize: number;
}

export type FeedFilter = Pick<EventFilter, 'pluginId' | 'eventType'>;

/** Events that wait for the database; beyond it the newest are lost, and counted. */
const MAX_WAITING = 1000;
const BATCH_ROWS = 100;
const RETRY_MS = 1000;
/** How long the end of the host waits for the database. */
const CLOSE_TIMEOUT_MS = 2000;
/** What remains of each plugin's events, and after how many new ones the older are removed. */
const KEPT_EVENTS = 10_000;
const PRUNE_EVERY = 500;
/** The width of the columns for ids and types, in characters. */
const MAX_NAME_CHARACTERS = 64;

/** The history of each plugin (OBS-3). Recording never fails and never waits; reading includes what was recorded. */
@Injectable()
export class EventsService implements BeforeApplicationShutdown, OnApplicationShutdown {
  private readonly logger = new Logger(EventsService.name);
  private readonly stored = new Subject<PluginEvent>();
  private readonly concealment = new Concealment();
  private waiting: NewEvent[] = [];
  private readonly sincePrune = new Map<string, number>();
  private running: Promise<void> | undefined;
  private cancelRetry: Cancel | undefined;
  private failing = false;
  private lost = 0;

  constructor(
    private readonly store: EventStore,
    private readonly clock: Clock,
  ) {}

  /** Every event from now on, as soon as it is stored, in order. */
  get live(): Observable<PluginEvent> {
    return this.stored.asObservable();
  }

  /** How many events could not be stored since the host started. */
  get lostEvents(): number {
    return this.lost;
  }

  /** Notes that something happened to a plugin: `started`, `stopped`, `crashed`, `restarted`, `disabled` … */
  record(pluginId: string, eventType: string, details: Readonly<Record<string, unknown>> = {}): void {
    if (this.waiting.length >= MAX_WAITING) {
      this.lost += 1;
      return;
    }
    this.waiting.push({
      pluginId: columnText(pluginId.toLowerCase()),
      eventType: columnText(eventType),
      timestamp: timestamp(this.clock.now()),
      details: this.concealment.in(pluginId, serializeDetails(details)),
    });
    if (!this.cancelRetry) void this.start();
  }

  /** Strikes a secret that the plugin has been handed out of its events from now on. */
  conceal(pluginId: string, secret: string): void {
    this.concealment.add(pluginId, secret);
  }

  /** Resolves when what was recorded is stored, or when it turns out that it cannot be stored now. */
  async flush(): Promise<void> {
    this.cancelRetry?.();
    this.cancelRetry = undefined;
    await this.running;
    if (!this.retryIsArranged()) await this.start();
  }

  /** One page, newest first. */
  async list(query: EventQuery): Promise<Page<PluginEvent>> {
    await this.flush();
    const { page, pageSize, ...filter } = query;
    const events = await this.store.list(namedAsStored(filter), (page - 1) * pageSize, pageSize + 1);
    return {
      items: events.slice(0, pageSize).map(toPluginEvent),
      page,
      page_size: pageSize,
      has_more: events.length > pageSize,
    };
  }

  /** The stored events after one, oldest first, at most `limit`. @throws AppError `storage_unavailable` */
  async after(id: number, filter: FeedFilter, limit: number): Promise<PluginEvent[]> {
    return (await this.store.after(id, namedAsStored(filter), limit)).map(toPluginEvent);
  }

  /** The number of the newest event, what was recorded before included. @throws AppError `storage_unavailable` */
  async latestId(): Promise<number> {
    await this.flush();
    return this.store.latestId();
  }

  beforeApplicationShutdown(): Promise<void> {
    return this.flushBounded();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.flushBounded();
    this.cancelRetry?.();
    if (this.waiting.length > 0) this.logger.error(`${this.waiting.length} events were lost: they could not be stored`);
    this.stored.complete();
  }

  private retryIsArranged(): boolean {
    return this.cancelRetry !== undefined;
  }

  private async flushBounded(): Promise<void> {
    if (this.waiting.length === 0 && !this.running) return;
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, CLOSE_TIMEOUT_MS);
    });
    await Promise.race([this.flush(), timeout]);
    clearTimeout(timer);
  }

  private start(): Promise<void> {
    this.running ??= this.run().finally(() => {
      this.running = undefined;
      if (this.waiting.length > 0 && !this.cancelRetry) void this.start();
    });
    return this.running;
  }

  private async run(): Promise<void> {
    // the events of one turn go out together
    await Promise.resolve();
    try {
      while (this.waiting.length > 0) await this.storeBatch(this.waiting.slice(0, BATCH_ROWS));
      if (this.failing) this.logger.warn(`Events are stored again; ${this.lost} were lost since the start`);
      this.failing = false;
    } catch (error) {
      if (!this.failing) this.logger.warn(`Events cannot be stored, trying again every second: ${errorMessage(error)}`);
      this.failing = true;
      this.cancelRetry ??= this.clock.setTimeout(() => {
        this.cancelRetry = undefined;
        void this.start();
      }, RETRY_MS);
    }
  }

  /** Takes the batch off the queue once it is stored. One that the database refuses for good is tried row by row. */
  private async storeBatch(batch: readonly NewEvent[]): Promise<void> {
    let events: readonly StoredEvent[];
    try {
      events = await this.store.append(batch);
    } catch (error) {
      if (error instanceof AppError) throw error;
      const first = batch[0];
      if (batch.length > 1 && first) return this.storeBatch([first]);
      this.logger.error(`An event was refused by the database and is lost: ${errorMessage(error)}`);
      this.lost += 1;
      events = [];
    }
    this.waiting = this.waiting.slice(batch.length);
    for (const event of events) this.stored.next(toPluginEvent(event));
    await this.pruneAfter(events);
  }

  private async pruneAfter(events: readonly StoredEvent[]): Promise<void> {
    for (const { pluginId } of events) {
      // the first event after a start prunes too, so that plugins with few events are pruned at all
      const count = (this.sincePrune.get(pluginId) ?? PRUNE_EVERY - 1) + 1;
      this.sincePrune.set(pluginId, count >= PRUNE_EVERY ? 0 : count);
      if (count >= PRUNE_EVERY) await this.store.prune(pluginId, KEPT_EVENTS);
    }
  }
}

function namedAsStored<F extends EventFilter>(filter: F): F {
  return filter.pluginId === undefined ? filter : { ...filter, pluginId: filter.pluginId.toLowerCase() };
}

/** Fits into the column on every database, whatever a caller gives. */
function columnText(text: string): string {
  return text
    .slice(0, MAX_NAME_CHARACTERS)
    .replaceAll('\u0000', '\ufffd')
    .replace(/\p{Surrogate}/gu, '\ufffd');
}

function toPluginEvent(event: StoredEvent): PluginEvent {
  return {
    id: event.id,
    plugin_id: event.pluginId,
    event_type: event.eventType,
    timestamp: event.timestamp,
    details: parseDetails(event.details),
  };
}
