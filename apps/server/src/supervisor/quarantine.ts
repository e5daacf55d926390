import { AppError, type Clock } from '../common';
import { blame, NO_POISON, type PoisonState, type QuarantinedRoute, type QuarantineLimits } from './poison-routes';
import { routePattern } from './route-pattern';

/** What the quarantine tells of. */
export interface QuarantineEvents {
  quarantined(route: QuarantinedRoute): void;
  released(route: QuarantinedRoute): void;
}

/** The routes that a plugin is kept from because they crash it, while its other routes serve. */
export class Quarantine {
  /** Those that are kept from it now, by route; what is not here was never quarantined, or is on probation. */
  private readonly active = new Map<string, QuarantinedRoute>();

  constructor(
    private readonly plugin: string,
    private readonly clock: Clock,
    private readonly limits: QuarantineLimits,
    private readonly events: QuarantineEvents,
    private current: PoisonState,
  ) {
    for (const route of current.routes) if (clock.now() < route.until) this.active.set(route.route, route);
  }

  /** What is to be remembered over a restart of the host. */
  get state(): PoisonState {
    return this.current;
  }

  /** Whether there is anything to ask `check` about: the one thing that every request pays for. */
  get isEmpty(): boolean {
    return this.active.size === 0;
  }

  get routes(): readonly QuarantinedRoute[] {
    return [...this.active.values()];
  }

  /**
   * @param path below the plugin's route, without query
   * @throws AppError `route_quarantined`
   */
  check(method: string, path: string): void {
    const entry = this.active.get(routePattern(method, path));
    if (entry === undefined) return;
    const leftMs = entry.until - this.clock.now();
    if (leftMs <= 0) {
      this.release(entry);
      return;
    }
    const detail =
      `Requests to ${entry.route} are kept from the plugin because it crashed repeatedly on them; its other routes ` +
      `serve. Try again after ${new Date(entry.until).toISOString()}. An admin finds the crashes at ` +
      `GET /api/plugins/${this.plugin}/crashes and ends the quarantine with POST /api/plugins/${this.plugin}/reset.`;
    throw new AppError('route_quarantined', detail, {
      plugin: this.plugin,
      retryAfterSeconds: Math.ceil(leftMs / 1000),
    });
  }

  /** The plugin crashed while these requests were in flight. The route that alone bears the blame, if there is one. */
  crashed(requests: readonly { readonly method: string; readonly path: string }[]): string | null {
    const routes = [...new Set(requests.map(({ method, path }) => routePattern(method, path)))];
    const { state, route, added } = blame(this.current, { at: this.clock.now(), routes }, this.limits);
    this.current = state;
    for (const entry of added) {
      this.active.set(entry.route, entry);
      this.events.quarantined(entry);
    }
    return route;
  }

  /** Lets go of those whose time is over. */
  releaseDue(): void {
    for (const entry of this.active.values()) if (entry.until <= this.clock.now()) this.release(entry);
  }

  /** Forgets all suspicion. */
  clear(): void {
    for (const entry of this.active.values()) this.release(entry);
    this.current = NO_POISON;
  }

  private release(entry: QuarantinedRoute): void {
    if (this.active.delete(entry.route)) this.events.released(entry);
  }
}
