import { UnavailablePeerError, type Bench, type Round, type RunningPeer } from './bench';

export interface RunOptions {
  readonly rounds: number;
  readonly seconds: number;
  /** Told of each step. */
  readonly progress: (text: string) => void;
}

/** Every round of every peer that could run, and why the others could not. */
export interface BenchRun {
  readonly bench: Bench;
  readonly rounds: ReadonlyMap<string, readonly Round[]>;
  readonly unavailable: ReadonlyMap<string, string>;
}

/**
 * Runs the peers in turn, round by round, so that whatever else the machine does meets all of them alike. All are started
 * before the first round; a round that was thrown away has warmed each up.
 */
export async function runBench(bench: Bench, { rounds, seconds, progress }: RunOptions): Promise<BenchRun> {
  const running = new Map<string, RunningPeer>();
  const results = new Map<string, Round[]>();
  const unavailable = new Map<string, string>();
  try {
    for (const peer of bench.peers) {
      progress(`${bench.name}: starting ${peer.name}`);
      try {
        running.set(peer.name, await peer.start());
        results.set(peer.name, []);
      } catch (error) {
        if (!(error instanceof UnavailablePeerError)) throw error;
        unavailable.set(peer.name, error.message);
      }
    }
    for (const [name, peer] of running) {
      progress(`${bench.name}: warming up ${name}`);
      await peer.round(seconds / 2);
    }
    for (let n = 1; n <= rounds; n++) {
      for (const [name, peer] of running) {
        progress(`${bench.name}: round ${n} of ${rounds}, ${name}`);
        results.get(name)?.push(await peer.round(seconds));
      }
    }
  } finally {
    for (const peer of running.values()) await peer.stop();
  }
  return { bench, rounds: results, unavailable };
}
