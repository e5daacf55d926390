import { comparedWith, type Figure, type Peer, type Target } from './bench';
import type { BenchRun } from './run-bench';

/** One figure of one peer over all rounds. */
export interface Summary {
  readonly peer: string;
  readonly figure: string;
  readonly unit: string;
  readonly median: number;
  readonly min: number;
  readonly max: number;
  readonly ratios: readonly Ratio[];
}

/** The median of the ratios of the rounds: each compares two measurements of the same moments. */
export interface Ratio {
  readonly against: string;
  readonly ratio: number;
}

export interface TargetResult extends Target {
  readonly value: number | undefined;
  readonly met: boolean;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? NaN)) / 2;
}

export function summarise({ bench, rounds }: BenchRun): Summary[] {
  const summaries: Summary[] = [];
  for (const [figure, given] of Object.entries(bench.figures)) {
    for (const peer of bench.peers) {
      const summary = summariseOne(rounds, figure, given, peer);
      if (summary) summaries.push(summary);
    }
  }
  return summaries;
}

function summariseOne(rounds: BenchRun['rounds'], figure: string, { unit }: Figure, peer: Peer): Summary | undefined {
  const own = (rounds.get(peer.name) ?? []).map((round) => round[figure]);
  const values = own.filter((value) => value !== undefined);
  if (values.length === 0) return undefined;
  const ratios = comparedWith(peer).flatMap((against) => {
    const base = (rounds.get(against) ?? []).map((round) => round[figure]);
    const each = own.flatMap((value, n) => {
      const other = base[n];
      return value === undefined || other === undefined || other === 0 ? [] : [value / other];
    });
    return each.length === 0 ? [] : [{ against, ratio: median(each) }];
  });
  const range = { median: median(values), min: Math.min(...values), max: Math.max(...values) };
  return { peer: peer.name, figure, unit, ...range, ratios };
}

/** A target whose peer did not run is not met: nobody knows. */
export function judge(targets: readonly Target[], summaries: readonly Summary[]): TargetResult[] {
  return targets.map((target) => {
    const summary = summaries.find(({ peer, figure }) => peer === target.peer && figure === target.figure);
    const ratio = summary?.ratios.find(({ against }) => target.against === undefined || target.against === against);
    const value = target.of === 'ratio' ? ratio?.ratio : summary?.median;
    const met = value !== undefined && value >= (target.atLeast ?? -Infinity) && value <= (target.atMost ?? Infinity);
    return { ...target, value, met };
  });
}
