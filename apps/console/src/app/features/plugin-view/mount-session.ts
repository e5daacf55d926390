import type { PluginApi, PluginFrontend } from './plugin-api';

/** How long a bundle may take to load, and `mount` to settle, before the page shows an error instead (ms). */
export const LOAD_TIMEOUT_MS = 10_000;
export const MOUNT_TIMEOUT_MS = 10_000;
/** How long the next mount of the same plugin waits for an `unmount` that does not settle (ms). */
export const UNMOUNT_TIMEOUT_MS = 3_000;

export type MountPhase =
  | { readonly name: 'loading' | 'mounting' | 'mounted' }
  | { readonly name: 'failed'; readonly during: 'loading' | 'mounting'; readonly error: unknown };

export interface MountPlan {
  /** An element of this session alone: one that a late plugin writes into is never shown again. */
  readonly container: HTMLElement;
  readonly api: PluginApi;
  /** The end of the last session of the same plugin, whose `unmount` must not hit this one's state. */
  readonly previous: Promise<void>;
  load(signal: AbortSignal): Promise<PluginFrontend>;
  report(phase: MountPhase): void;
}

/** One visit to a plugin's page: load, mount, unmount, each exactly when it is due, however the plugin behaves (FE-3). */
export class MountSession {
  private readonly abort = new AbortController();
  private ending: Promise<void> | null = null;
  private frontend: PluginFrontend | null = null;
  private mounting: Promise<unknown> | null = null;

  constructor(private readonly plan: MountPlan) {}

  /** Loads and mounts. Never rejects: what happens is reported. */
  async start(): Promise<void> {
    let during: 'loading' | 'mounting' = 'loading';
    try {
      this.report({ name: 'loading' });
      await this.plan.previous;
      if (this.isOver()) return;
      const loading = this.plan.load(this.abort.signal);
      this.frontend = await withDeadline(loading, LOAD_TIMEOUT_MS, 'The bundle did not load within 10 seconds.');
      if (this.isOver()) return;

      during = 'mounting';
      this.report({ name: 'mounting' });
      this.mounting = callMount(this.frontend, this.plan);
      await withDeadline(this.mounting, MOUNT_TIMEOUT_MS, 'The page was not ready within 10 seconds.');
      this.report({ name: 'mounted' });
    } catch (error) {
      this.report({ name: 'failed', during, error });
      // A mount that is late has had its time.
      void this.end(0);
    }
  }

  /**
   * Ends the visit; may be called at any time and any number of times. Resolves, in bounded time, when all is over.
   * @param patienceMs how long a mount under way may still take before its unmount is called regardless
   */
  end(patienceMs = MOUNT_TIMEOUT_MS): Promise<void> {
    this.ending ??= this.finish(patienceMs);
    return this.ending;
  }

  private async finish(patienceMs: number): Promise<void> {
    this.abort.abort();
    const { frontend, mounting } = this;
    if (frontend && mounting) {
      const settled = await settlesWithin(mounting, patienceMs);
      await settlesWithin(this.callUnmount(frontend), UNMOUNT_TIMEOUT_MS);
      // A mount that settles after all may have set things up since: it gets its unmount then.
      if (!settled)
        void mounting.then(
          () => this.callUnmount(frontend),
          () => undefined,
        );
    }
    this.plan.container.remove();
  }

  private async callUnmount(frontend: PluginFrontend): Promise<void> {
    try {
      await frontend.unmount?.(this.plan.container);
    } catch (error) {
      // The page is left either way; its author finds the reason in the browser's console.
      console.warn('A plugin failed to unmount.', error);
    }
  }

  private isOver(): boolean {
    return this.ending !== null;
  }

  private report(phase: MountPhase): void {
    if (!this.ending) this.plan.report(phase);
  }
}

/** Also what `mount` throws at once becomes a rejection. */
async function callMount(frontend: PluginFrontend, plan: MountPlan): Promise<void> {
  await frontend.mount(plan.container, plan.api);
}

function withDeadline<T>(promise: Promise<T>, milliseconds: number, message: string): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(message)), milliseconds);
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

/** Whether the promise settled in time; never rejects. */
function settlesWithin(promise: Promise<unknown>, milliseconds: number): Promise<boolean> {
  return withDeadline(
    promise.then(
      () => true,
      () => true,
    ),
    milliseconds,
    '',
  ).catch(() => false);
}
