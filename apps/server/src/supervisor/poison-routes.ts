/** When a route is kept from a plugin that it crashes. */
export interface QuarantineLimits {
  /** So many crashes within the window put a route into quarantine; 0: none ever is. */
  readonly quarantineAfterCrashes: number;
  /** How long the first quarantine of a route lasts, in milliseconds; each further one lasts twice as long. */
  readonly quarantineMs: number;
  /** The longest, in milliseconds. */
  readonly quarantineMaxMs: number;
  /** How long a crash is evidence, in milliseconds, and a released route is on probation. */
  readonly crashWindowMs: number;
}

/** A crash, and the routes (`routePattern`) that were in flight: each once, none where nothing was. */
export interface Evidence {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly routes: readonly string[];
}

/** A route that is in quarantine until `until`, and on probation for the length of the window after that. */
export interface QuarantinedRoute {
  readonly route: string;
  /** Milliseconds since the epoch. */
  readonly since: number;
  readonly until: number;
  /** How often it has been in quarantine without a clean probation between. */
  readonly times: number;
}

export interface PoisonState {
  /** Oldest first. */
  readonly evidence: readonly Evidence[];
  readonly routes: readonly QuarantinedRoute[];
}

export const NO_POISON: PoisonState = { evidence: [], routes: [] };

/** Crashes that are remembered, and routes of one crash. More than that in flight tells nothing about any of them. */
const MAX_EVIDENCE = 50;
const MAX_ROUTES_OF_A_CRASH = 16;
const MAX_QUARANTINED = 64;

export interface Blame {
  readonly state: PoisonState;
  /** The one route that was in flight: it bears the blame for this crash. */
  readonly route: string | null;
  /** What is in quarantine from now on. */
  readonly added: readonly QuarantinedRoute[];
}

/**
 * Pure: whom a crash speaks against. A route is suspected for every crash at which it alone was in flight. Where several
 * were, the blame is shared, and only those are suspected that were in flight at every crash of the window. A route on
 * probation goes back, for twice as long, at the first crash at which it alone was in flight.
 */
export function blame(before: PoisonState, crash: Evidence, limits: QuarantineLimits): Blame {
  const { at } = crash;
  const routes = crash.routes.slice(0, MAX_ROUTES_OF_A_CRASH);
  const known = before.routes.filter((route) => at < route.until + limits.crashWindowMs);
  const evidence = [...before.evidence.filter((each) => each.at > at - limits.crashWindowMs), { at, routes }].slice(
    -MAX_EVIDENCE,
  );
  const sole = crash.routes.length === 1 ? (crash.routes[0] ?? null) : null;
  if (limits.quarantineAfterCrashes === 0) return { state: NO_POISON, route: null, added: [] };
  const guilty = routes.filter((route) => {
    const past = known.find((each) => each.route === route);
    if (past !== undefined && at < past.until) return false;
    return suspicion(route, evidence) >= (past === undefined || sole === null ? limits.quarantineAfterCrashes : 1);
  });
  const added = guilty.map((route) => {
    const times = (known.find((each) => each.route === route)?.times ?? 0) + 1;
    return { route, since: at, until: at + duration(times, limits), times };
  });
  return {
    state: {
      // a crash that has put a route into quarantine is explained: it speaks against nobody else
      evidence: evidence.filter((each) => !each.routes.some((route) => guilty.includes(route))),
      routes: [...known.filter((each) => !guilty.includes(each.route)), ...added].slice(-MAX_QUARANTINED),
    },
    route: sole,
    added,
  };
}

/** How many crashes speak against a route that was in flight at the last of them. */
function suspicion(route: string, evidence: readonly Evidence[]): number {
  const alone = evidence.filter(({ routes }) => routes.length === 1 && routes[0] === route).length;
  return evidence.every(({ routes }) => routes.includes(route)) ? evidence.length : alone;
}

function duration(times: number, { quarantineMs, quarantineMaxMs }: QuarantineLimits): number {
  return Math.min(quarantineMs * 2 ** (times - 1), Math.max(quarantineMs, quarantineMaxMs));
}
