import { Injectable, Logger } from '@nestjs/common';
import type { ClockState } from '@toru/contracts';
import { Clock, Mailbox, timestamp } from '../common';
import { EventsService } from '../events';
import { ClockStore } from './clock-store.port';
import { readStoredTime } from './stored-time';

/** A clock may go back so far without being called wrong, in milliseconds: corrections, and hosts that differ a little. */
const TOLERANCE_MS = 3_600_000;
/** The highest time is written at most so often, in milliseconds. */
const WRITE_EVERY_MS = 300_000;
/** An event of the host itself has no plugin. */
const NO_PLUGIN = '';

/** Notices a clock that was set back, by the highest time that was seen. It tells of it and stops nothing (LIC-5). */
@Injectable()
export class ClockWatch {
  private readonly logger = new Logger('clock');
  private highest: number | undefined;
  private written = -Infinity;
  private behind = false;
  /** A look that began before somebody says that the clock is right must not bring the time back that it has read. */
  private readonly turns = new Mailbox();

  constructor(
    private readonly store: ClockStore,
    private readonly events: EventsService,
    private readonly clock: Clock,
  ) {}

  get state(): ClockState {
    const now = this.clock.now();
    const highest = Math.max(now, this.highest ?? now);
    return { set_back: this.behind, now: timestamp(now), highest_seen: timestamp(highest) };
  }

  /** Looks at the clock. @throws AppError `storage_unavailable` */
  check(): Promise<void> {
    return this.turns.run(() => this.checkNow());
  }

  private async checkNow(): Promise<void> {
    const now = this.clock.now();
    // another host may have seen a higher one, or may have been told that the clock is right
    const stored = readStoredTime(await this.store.highest(), now);
    if (stored.kind === 'time') this.highest = Math.max(stored.at, this.seenSince(stored.at));
    else this.highest = Math.max(now, this.highest ?? now);
    if (stored.kind === 'corrupt') await this.mend(stored.why, this.highest);
    this.tell(now < this.highest - TOLERANCE_MS, now);
    this.highest = Math.max(this.highest, now);
    if (this.highest - this.written < WRITE_EVERY_MS) return;
    await this.store.raise(timestamp(this.highest));
    this.written = this.highest;
  }

  /** What is no time would stay for ever: times are compared as text. What this host has seen itself goes on counting. */
  private async mend(why: string, highest: number): Promise<void> {
    await this.store.replace(timestamp(highest));
    this.written = highest;
    this.logger.warn(
      `The highest time that was seen (host_clock.highest_at) was unusable: ${why}. It is ${timestamp(highest)} from now on; that the clock was set back before is not noticed.`,
    );
  }

  /** Somebody says that the clock is right: the highest time is forgotten. @throws AppError `storage_unavailable` */
  accept(): Promise<void> {
    return this.turns.run(() => this.acceptNow());
  }

  private async acceptNow(): Promise<void> {
    const now = this.clock.now();
    await this.store.replace(timestamp(now));
    this.highest = now;
    this.written = now;
    if (this.behind)
      this.events.record(NO_PLUGIN, 'clock_accepted', { message: 'somebody says that the clock is right' });
    this.behind = false;
  }

  /** What this host has seen and not written yet; nothing where the stored time was put back since it wrote. */
  private seenSince(stored: number): number {
    return stored >= this.written ? (this.highest ?? stored) : stored;
  }

  private tell(isBehind: boolean, now: number): void {
    const was = this.behind;
    this.behind = isBehind;
    if (!isBehind || was || this.highest === undefined) return;
    const highest = timestamp(this.highest);
    const message = `the clock was set back: it shows ${timestamp(now)}, and ${highest} was seen before`;
    this.logger.warn(`${message}. Nothing is stopped; set it right, or say in the console that it is.`);
    this.events.record(NO_PLUGIN, 'clock_set_back', { message, now: timestamp(now), highest_seen: highest });
  }
}
