import type { Figure, Peer, Round, RunningPeer } from '../harness/bench';
import { orStop, type Front } from './front';
import { installed } from './installed';
import { processorTimeUs } from './processor-time';
import { wrk } from './wrk';

export interface Load {
  readonly path: string;
  readonly connections: number;
  /** Another load before the first round, where the rounds have too few requests for code to become fast. */
  readonly warmUp?: { readonly connections: number; readonly seconds: number };
}

/** The figures of a round of `loadedBy`. */
export const LOAD_FIGURES = {
  throughput: { title: 'throughput', unit: '/s', better: 'more' },
  median: { title: 'median latency', unit: 'ms', better: 'less' },
  p99: { title: 'latency, 99th percentile', unit: 'ms', better: 'less' },
  front_cpu: { title: 'processor time of host, proxy or bare server for each request', unit: 'µs', better: 'less' },
  behind_cpu: { title: 'processor time of plugin or server behind it for each request', unit: 'µs', better: 'less' },
} as const satisfies Record<string, Figure>;

/** A peer whose rounds are one run of wrk each. */
export function loadedBy(load: Load, peer: Omit<Peer, 'start'>, start: () => Promise<Front>): Peer {
  return {
    ...peer,
    async start(): Promise<RunningPeer> {
      // said before anything is started, not in its first round
      installed('wrk');
      installed('taskset', 'util-linux');
      const front = await start();
      const { warmUp } = load;
      if (warmUp !== undefined) {
        await orStop(front, () => measure(front, { ...load, connections: warmUp.connections }, warmUp.seconds));
      }
      return { round: (seconds) => measure(front, load, seconds), stop: () => front.stop() };
    },
  };
}

async function measure(front: Front, { path, connections }: Load, seconds: number): Promise<Round> {
  const used = (): readonly number[] =>
    [front.pid, front.behind].flatMap((pid) => (pid === undefined ? [] : processorTimeUs(pid)));
  const before = used();
  const result = await wrk({ url: front.url(path), connections, seconds, headers: front.headers });
  const [frontCpu = 0, behindCpu] = used().map((now, n) => (now - before[n]!) / result.requests);
  return {
    throughput: result.perSecond,
    median: result.p50Us / 1000,
    p99: result.p99Us / 1000,
    front_cpu: frontCpu,
    ...(behindCpu !== undefined && { behind_cpu: behindCpu }),
  };
}
