/** One number that each peer of a bench is measured by. */
export interface Figure {
  readonly title: string;
  /** As it is printed: `/s`, `MiB`, `ms`. */
  readonly unit: string;
  readonly better: 'more' | 'less';
}

/** What a peer gave in one round, by the name of the figure; what it cannot measure is absent. */
export type Round = Readonly<Record<string, number>>;

/** A peer that was started: its processes run, and it is warm. */
export interface RunningPeer {
  /** Measures for about so many seconds each figure. */
  round(seconds: number): Promise<Round>;
  stop(): Promise<void>;
}

export interface Peer {
  readonly name: string;
  /** The peer or peers, started before it, that it is compared with: its figures become ratios of theirs, round by round. */
  readonly against?: string | readonly string[];
  /** Builds and starts it. Rejects with `UnavailablePeerError` where this machine lacks something. */
  start(): Promise<RunningPeer>;
}

/** The least or the most that a figure's median may be. */
export interface Target {
  readonly peer: string;
  readonly figure: string;
  readonly of: 'ratio' | 'value';
  /** Of whom the ratio is, where the peer is compared with several. */
  readonly against?: string;
  readonly atLeast?: number;
  readonly atMost?: number;
}

/** What a `*.bench.ts` exports as `bench`. */
export interface Bench {
  /** `<suite>/<name>`. */
  readonly name: string;
  readonly title: string;
  readonly figures: Readonly<Record<string, Figure>>;
  readonly peers: readonly Peer[];
  readonly targets?: readonly Target[];
  /** Where five rounds take too long; never fewer than five otherwise. */
  readonly rounds?: number;
}

/** Whom a peer is compared with. */
export function comparedWith({ against = [] }: Pick<Peer, 'against'>): readonly string[] {
  return typeof against === 'string' ? [against] : against;
}

/** The machine lacks what a peer needs, such as a compiler: the peer is left out, with this reason. */
export class UnavailablePeerError extends Error {
  override readonly name = 'UnavailablePeerError';
}
