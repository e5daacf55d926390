import type { Clock } from '../common';
import type { FailureRecord } from './failure-record';
import { Quarantine, type QuarantineEvents } from './quarantine';
import type { QuarantineLimits } from './poison-routes';
import type { RequestInFlight } from './requests-in-flight';
import { afterCrash, NO_CRASHES, type CrashCount, type RestartLimits, type Verdict } from './restart-policy';

/** A request that has been in flight for longer, in milliseconds, did not do it: a stream that merely stays open. */
const SUSPECT_MS = 60_000;

/** What failures need of the world. */
export interface FailurePorts {
  readonly clock: Clock;
  readonly limits: RestartLimits & QuarantineLimits;
  /** From 0 to 1, for jitter. */
  random(): number;
  /** What earlier runs of the host remember. */
  readonly remembered: FailureRecord;
  /** Remembers it; never fails its caller. */
  remember(record: FailureRecord): void;
}

/** The verdict on a crash, and the route that alone was in flight. */
export type Judged = Verdict & { readonly route: string | null };

/** The crashes of one plugin: counts them, finds the routes to blame, and decides what follows (SUP-3, SUP-4). */
export class Failures {
  readonly quarantine: Quarantine;
  private count: CrashCount;
  private because: string | null;

  constructor(
    plugin: string,
    private readonly ports: FailurePorts,
    events: QuarantineEvents,
  ) {
    const { clock, limits, remembered } = ports;
    this.count = remembered.count;
    this.because = remembered.disabledBecause;
    this.quarantine = new Quarantine(plugin, clock, limits, events, remembered.poison);
  }

  /** Why the supervisor has given up; null while it has not. */
  get disabledBecause(): string | null {
    return this.because;
  }

  /** Crashes in a row, as they count while its process has been ready for so long (ms; 0: it is not). */
  consecutive(readyForMs: number): number {
    return readyForMs >= this.ports.limits.healthyAfterMs ? 0 : this.count.inARow;
  }

  /** It crashed after it had been ready for so long, in milliseconds; 0 when it never was. */
  crashed(readyForMs: number, requests: readonly RequestInFlight[]): Judged {
    const { clock, limits } = this.ports;
    const now = clock.monotonic();
    const route = this.quarantine.crashed(requests.filter(({ since }) => now - since <= SUSPECT_MS));
    const crash = { at: clock.now(), blamed: route !== null, readyForMs };
    const verdict = afterCrash(this.count, crash, limits, this.ports.random());
    this.count = verdict.count;
    this.remember();
    return { ...verdict, route };
  }

  /** The process that runs has been ready for so long, in milliseconds: that may end the row, for the next host too. */
  healthy(readyForMs: number): void {
    if (readyForMs < this.ports.limits.healthyAfterMs || this.count.inARow === 0) return;
    this.count = { ...this.count, inARow: 0, blamedInARow: 0 };
    this.remember();
  }

  /** That the supervisor has given up is recorded. */
  gaveUp(reason: string): void {
    this.because = reason;
    this.remember();
  }

  /** Somebody disables it: then it is theirs to say when it runs again. */
  takenOver(): void {
    if (this.because === null) return;
    this.because = null;
    this.remember();
  }

  /** Somebody enables it: both counts begin again. What is in quarantine stays there. */
  forget(): void {
    if (this.count === NO_CRASHES && this.because === null) return;
    this.count = NO_CRASHES;
    this.because = null;
    this.remember();
  }

  /** Forgets everything. */
  clear(): void {
    this.quarantine.clear();
    this.count = NO_CRASHES;
    this.because = null;
    this.remember();
  }

  private remember(): void {
    const { count, because } = this;
    this.ports.remember({ count, poison: this.quarantine.state, disabledBecause: because });
  }
}
