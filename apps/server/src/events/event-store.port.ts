/** An event that has no number yet. Every part is of a form that any database takes. */
export interface NewEvent {
  readonly pluginId: string;
  readonly eventType: string;
  /** RFC 3339 in UTC with milliseconds. */
  readonly timestamp: string;
  /** JSON text of an object. */
  readonly details: string;
}

export interface StoredEvent extends NewEvent {
  /** Grows with every event; no number is used twice. */
  readonly id: number;
}

export interface EventFilter {
  readonly pluginId?: string;
  readonly eventType?: string;
  /** The first and the last moment that count, in the form of `NewEvent.timestamp`. */
  readonly since?: string;
  readonly until?: string;
}

/** Keeps events. Every method rejects with `AppError` `storage_unavailable` while the database cannot be used. */
export abstract class EventStore {
  /** Stores all of them in this order, or none. */
  abstract append(events: readonly NewEvent[]): Promise<StoredEvent[]>;
  /** Newest first, without the first `skip`, at most `limit`. */
  abstract list(filter: EventFilter, skip: number, limit: number): Promise<StoredEvent[]>;
  /** Those that came after the event of this number, oldest first, at most `limit`. */
  abstract after(id: number, filter: EventFilter, limit: number): Promise<StoredEvent[]>;
  /** The number of the newest event; 0 where there is none. */
  abstract latestId(): Promise<number>;
  /** Removes all but the newest `keep` events of a plugin. */
  abstract prune(pluginId: string, keep: number): Promise<void>;
}
