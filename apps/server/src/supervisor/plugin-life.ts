import type { PluginState } from '@toru/contracts';
import type { PluginChannel } from '../protocol';
import type { Generation } from './generation';
import { next, type LifecycleEvent } from './lifecycle';
import type { Refusal } from './refusal';

/** Where one plugin stands: its state, which moves along the lifecycle table alone, and the process that serves. */
export class PluginLife {
  private current: PluginState = 'disabled';
  private lastRefusal: Refusal | null = null;
  /** Why it is as it is, for people; null where there is nothing to say. */
  reason: string | null = null;
  /** Whether it is meant to run: the last accepted command wins. */
  wanted = false;
  /** The process that serves, or is on its way to it. */
  serving: Generation | undefined;
  /** How often it was started again, after a crash or because somebody asked for it. */
  restarts = 0;

  get state(): PluginState {
    return this.current;
  }

  /** What it has failed for; null while it has not failed. */
  get refusal(): Refusal | null {
    return this.current === 'failed' ? this.lastRefusal : null;
  }

  /** It has said, or its end has, that starting it again is of no use. */
  refused(why: string, refusal: Refusal): void {
    this.reason = why;
    this.lastRefusal = refusal;
  }

  /** The way to the process that serves, while there is one. */
  get channel(): PluginChannel | undefined {
    return this.current === 'running' || this.current === 'unhealthy' ? this.serving?.run.channel : undefined;
  }

  /** Moves along the table; false where the event means nothing in this state. */
  apply(event: LifecycleEvent): boolean {
    const state = next(this.current, event);
    if (state === undefined) return false;
    this.current = state;
    return true;
  }
}
