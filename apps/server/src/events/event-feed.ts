import type { PluginEvent } from '@toru/contracts';
import type { Subscription } from 'rxjs';
import type { ServerSentEvents } from '../common';
import type { EventsService, FeedFilter } from './events.service';

const PAGE = 100;

/**
 * Events for one client, each once and in order: from the database what it has missed, then what happens. Nothing is kept
 * for it in memory: a client that reads slowly gets what it has missed from the database again.
 */
export class EventFeed {
  private readonly subscription: Subscription;
  /** The number of the last event that was sent, or before which nothing is to be sent; undefined: not begun. */
  private position: number | undefined;
  /** The number of the newest event that there is. */
  private newest = 0;
  private isCatchingUp = false;

  constructor(
    private readonly events: EventsService,
    private readonly filter: FeedFilter,
    private readonly out: ServerSentEvents,
  ) {
    this.subscription = events.live.subscribe({
      next: (event) => {
        this.take(event);
      },
      complete: () => {
        out.end();
      },
    });
  }

  /** @param after the number after which the client wants them; undefined: from now on. Never rejects */
  async begin(after: number | undefined, latest: number): Promise<void> {
    this.position = Math.min(after ?? latest, latest);
    // so that a client which gets no event knows where to go on as well
    this.out.send({ id: this.position });
    await this.catchUp();
  }

  stop(): void {
    this.subscription.unsubscribe();
  }

  private take(event: PluginEvent): void {
    if (!this.isWanted(event)) return;
    this.newest = event.id;
    if (this.position === undefined || this.isCatchingUp) return;
    if (this.out.isBehind) void this.catchUp();
    else this.send(event);
  }

  private async catchUp(): Promise<void> {
    this.isCatchingUp = true;
    try {
      for (;;) {
        await this.out.caughtUp();
        if (this.out.isOver) return;
        // what comes while the database answers may be in the answer, or not
        const { newest } = this;
        const page = await this.events.after(this.position ?? 0, this.filter, PAGE);
        for (const event of page) {
          await this.out.caughtUp();
          this.send(event);
        }
        if (page.length < PAGE && newest === this.newest) return;
      }
    } catch {
      // it goes on where it was when it comes back, or is told why not
      this.out.end();
    } finally {
      this.isCatchingUp = false;
    }
  }

  private send(event: PluginEvent): void {
    this.out.send({ id: event.id, data: event });
    this.position = event.id;
  }

  private isWanted({ plugin_id, event_type }: PluginEvent): boolean {
    const { pluginId, eventType } = this.filter;
    return (
      (pluginId === undefined || plugin_id === pluginId.toLowerCase()) &&
      (eventType === undefined || event_type === eventType)
    );
  }
}
