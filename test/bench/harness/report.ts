import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import path from 'node:path';
import type { BenchRun } from './run-bench';
import { judge, summarise, type Summary, type TargetResult } from './summary';

/** Git ignores it. */
export const RESULTS = path.resolve(import.meta.dirname, '../results');

/** The table of one bench as text. */
export function tableOf(run: BenchRun): string {
  const summaries = summarise(run);
  const lines = [`\n${run.bench.name}: ${run.bench.title}`];
  for (const [name, { title }] of Object.entries(run.bench.figures)) {
    const rows = summaries.filter(({ figure }) => figure === name).map(rowOf);
    if (rows.length > 0) lines.push(`\n  ${title}`, ...aligned(rows));
  }
  for (const [peer, reason] of run.unavailable) lines.push(`  ${peer} was left out: ${reason}`);
  const targets = judge(run.bench.targets ?? [], summaries);
  if (targets.length > 0) lines.push('', ...targets.map(targetLine));
  return lines.join('\n');
}

/** Writes everything as JSON, and gives the path. */
export function writeResults(runs: readonly BenchRun[], options: object): string {
  mkdirSync(RESULTS, { recursive: true });
  const at = new Date().toISOString();
  const file = path.join(RESULTS, `${at.replaceAll(/[:.]/g, '-')}.json`);
  const benches = runs.map((run) => {
    const summaries = summarise(run);
    return {
      name: run.bench.name,
      summaries,
      targets: judge(run.bench.targets ?? [], summaries),
      rounds: Object.fromEntries(run.rounds),
      unavailable: Object.fromEntries(run.unavailable),
    };
  });
  const machine = { node: process.version, cpus: cpus().map(({ model }) => model), memory_bytes: totalmem() };
  writeFileSync(file, `${JSON.stringify({ at, machine, options, benches }, null, 2)}\n`);
  return file;
}

function rowOf({ peer, unit, median, min, max, ratios }: Summary): string[] {
  const compared = ratios.map(({ against, ratio }) => `${ratio.toFixed(2)} of ${against}`).join(' | ');
  return [peer, `${shown(median)} ${unit}`, `${shown(min)} to ${shown(max)}`, compared];
}

function targetLine({ peer, figure, of, against, atLeast, atMost, value, met }: TargetResult): string {
  const bound = atLeast === undefined ? `at most ${atMost ?? ''}` : `at least ${atLeast}`;
  const measured = value === undefined ? 'not measured' : shown(value);
  return `  ${met ? 'met' : 'NOT MET'}: ${peer}, ${figure}, ${of}${against === undefined ? '' : ` of ${against}`} ${bound}: ${measured}`;
}

function aligned(rows: readonly string[][]): string[] {
  const width = (column: number): number => Math.max(...rows.map((row) => row[column]?.length ?? 0));
  return rows.map(([peer = '', median = '', range = '', ratio = '']) =>
    `    ${peer.padEnd(width(0))}  ${median.padStart(width(1))}  (${range.padStart(width(2))})  ${ratio}`.trimEnd(),
  );
}

function shown(value: number): string {
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString('en-US');
  return value.toFixed(Math.abs(value) >= 10 ? 1 : 2);
}
