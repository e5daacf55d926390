import { Slots } from '@toru/protocol';
import type { Clock } from '../common';

/** A request that a plugin's process has and has not answered. */
export interface RequestInFlight {
  readonly method: string;
  /** Below the plugin's route, without query. */
  readonly path: string;
  /** On the monotonic clock, in milliseconds. */
  readonly since: number;
}

/** To be called once, when the exchange is over; `answered` tells whether the plugin has answered to its end. */
export type Leave = (answered: boolean) => void;

/** What a process that died may have been doing a moment ago: its connections end before its end is known. */
const MOMENT_MS = 1_500;
/** The same of a process that the host ended because it was silent: its requests may have timed out before. */
const SILENCE_MS = 10_000;
const MAX_UNANSWERED = 64;
const MAX_PATH = 300;

/** The requests of one process that are under way: who fills it pays for one slot. */
export class RequestsInFlight {
  private readonly open = new Slots<RequestInFlight>();
  private readonly unanswered: { readonly request: RequestInFlight; readonly at: number }[] = [];

  constructor(private readonly clock: Clock) {}

  /** How many there are now. */
  get size(): number {
    return this.open.size;
  }

  enter(method: string, path: string): Leave {
    const request = { method, path: path.slice(0, MAX_PATH), since: this.clock.monotonic() };
    const slot = this.open.add(request);
    return (answered) => {
      if (this.open.at(slot) !== request) return;
      this.open.take(slot);
      if (answered) return;
      this.unanswered.push({ request, at: this.clock.monotonic() });
      if (this.unanswered.length > MAX_UNANSWERED) this.unanswered.shift();
    };
  }

  /** What was in flight when the process ended. `silent`: the host has ended it itself. */
  atEnd(silent: boolean): readonly RequestInFlight[] {
    const since = this.clock.monotonic() - (silent ? SILENCE_MS : MOMENT_MS);
    const lately = this.unanswered.filter(({ at }) => at >= since).map(({ request }) => request);
    return [...lately, ...this.open.all().sort((one, other) => one.since - other.since)];
  }
}
