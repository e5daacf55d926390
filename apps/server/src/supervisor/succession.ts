import type { Cancel, Clock } from '../common';
import type { Generation } from './generation';

/** How often a process that drains is looked at, in milliseconds. */
const LOOK_MS = 50;
/** So long a process that was replaced may still be given requests that were admitted before, in milliseconds. */
const ADMITTED_MS = 250;

/** What a succession needs of the world. */
export interface SuccessionPorts {
  readonly clock: Clock;
  /** How long the old process may take for what it has begun, in milliseconds. */
  readonly drainTimeoutMs: number;
  /** Stops a process; resolves when it has ended. */
  stop(generation: Generation): Promise<unknown>;
}

/**
 * The processes of a plugin beside the one that serves: a candidate that gets ready to take over, and those that it
 * has replaced and that finish what they have begun (SUP-8).
 */
export class Succession {
  private next: Generation | undefined;
  /** The ends of candidates that are not wanted any more. */
  private readonly dismissed = new Set<Promise<unknown>>();
  private readonly draining = new Map<
    Generation,
    { cancel: Cancel | undefined; ended: Promise<unknown> | undefined }
  >();

  constructor(private readonly ports: SuccessionPorts) {}

  get candidate(): Generation | undefined {
    return this.next;
  }

  /** One candidate at a time: a newer one ends the one before. */
  propose(candidate: Generation): void {
    this.dismiss('a newer version came');
    this.next = candidate;
  }

  /** The candidate takes over, or has ended. */
  release(): Generation | undefined {
    const candidate = this.next;
    this.next = undefined;
    return candidate;
  }

  /** Ends the candidate. */
  dismiss(because: string): void {
    const ended = this.release()?.run.kill(because);
    if (ended === undefined) return;
    this.dismissed.add(ended);
    void ended.finally(() => this.dismissed.delete(ended));
  }

  /** Lets a process finish what is in flight, within the bound, and then stops it. */
  drain(generation: Generation): void {
    const { clock, drainTimeoutMs } = this.ports;
    const since = clock.monotonic();
    const entry: { cancel: Cancel | undefined; ended: Promise<unknown> | undefined } = {
      cancel: undefined,
      ended: undefined,
    };
    this.draining.set(generation, entry);
    const look = (): void => {
      const waited = clock.monotonic() - since;
      const done = generation.requests.size === 0 && waited >= ADMITTED_MS;
      if (done || waited >= drainTimeoutMs) entry.ended = this.ports.stop(generation);
      else entry.cancel = clock.setTimeout(look, LOOK_MS);
    };
    look();
  }

  isDraining(generation: Generation): boolean {
    return this.draining.has(generation);
  }

  /** It has ended. */
  gone(generation: Generation): void {
    this.draining.get(generation)?.cancel?.();
    this.draining.delete(generation);
  }

  /** Ends all of them now; resolves when they have ended. */
  async end(because: string): Promise<void> {
    this.dismiss(because);
    const ending = [...this.draining].map(([generation, entry]) => {
      entry.cancel?.();
      return (entry.ended ??= this.ports.stop(generation));
    });
    await Promise.all([...ending, ...this.dismissed]);
  }
}
