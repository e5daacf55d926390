import path from 'node:path';
import { parseArgs } from 'node:util';
import { benches } from '../benches';
import { comparedWith, type Bench } from './bench';
import { profileInto } from './profile';
import { RESULTS, tableOf, writeResults } from './report';
import { runBench, type BenchRun } from './run-bench';

const ROUNDS = 5;
const SECONDS = 1;

/** Runs the benches whose names hold one of the patterns, all without. Gives the exit status: 1 for a missed target. */
export async function main(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      rounds: { type: 'string' },
      seconds: { type: 'string' },
      only: { type: 'string', multiple: true, default: [] },
      profile: { type: 'boolean', default: false },
      list: { type: 'boolean', default: false },
    },
  });
  const chosen = benches.filter(
    ({ name }) => positionals.length === 0 || positionals.some((part) => name.includes(part)),
  );
  if (chosen.length === 0) throw new Error(`No bench is named like ${positionals.join(', ')}; --list shows them`);
  if (values.list) {
    for (const { name, title, peers } of chosen) {
      console.log(`${name}: ${title} (${peers.map((peer) => peer.name).join(', ')})`);
    }
    return 0;
  }
  const profiles = path.join(RESULTS, 'profiles');
  if (values.profile) profileInto(profiles);
  const seconds = Number(values.seconds ?? SECONDS);
  const runs: BenchRun[] = [];
  for (const bench of chosen) {
    const rounds = Number(values.rounds ?? bench.rounds ?? ROUNDS);
    runs.push(await runBench(selectPeers(bench, values.only), { rounds, seconds, progress: say }));
    say('');
  }
  const tables = runs.map(tableOf);
  for (const table of tables) console.log(table);
  if (values.profile) console.log(`\nThe hosts' profiles are in ${profiles}`);
  console.log(`\nWritten to ${writeResults(runs, values)}`);
  return tables.some((table) => table.includes('NOT MET')) ? 1 : 0;
}

/** The bench with the peers whose names hold one of the words, what they are compared with, and the targets they have. */
function selectPeers(bench: Bench, words: readonly string[]): Bench {
  if (words.length === 0) return bench;
  const wanted = bench.peers.filter(({ name }) => words.some((word) => name.includes(word)));
  const peers = bench.peers.filter(
    (peer) => wanted.includes(peer) || wanted.some((one) => comparedWith(one).includes(peer.name)),
  );
  const targets = bench.targets?.filter(({ peer }) => peers.some(({ name }) => name === peer));
  return { ...bench, peers, ...(targets && { targets }) };
}

/** On a terminal one line that changes, elsewhere a line for each step. */
function say(text: string): void {
  process.stderr.write(process.stderr.isTTY ? `\r\u001b[K${text}` : text === '' ? '' : `${text}\n`);
}
