import { parseArgs } from 'node:util';
import { chooseSeed, runChaos } from './chaos-run';

const MINUTE_MS = 60_000;

/** One run that is as long as one likes. Gives the exit status: 1 where something broke. */
export async function main(args: readonly string[]): Promise<number> {
  const options = { seed: { type: 'string' }, minutes: { type: 'string', default: '1' } } as const;
  const { values } = parseArgs({ args: [...args], options });
  const seed = chooseSeed(values.seed ?? process.env['TORU_CHAOS_SEED']);
  const forMs = Number(values.minutes) * MINUTE_MS;
  if (!Number.isInteger(seed) || !(forMs > 0)) throw new Error('Usage: --seed <whole number> --minutes <number>');
  console.log(`Seed ${seed}, ${values.minutes} minutes.`);
  const { failure, counts, before, after } = await runChaos({ seed, forMs });
  for (const [what, count] of [...counts].sort()) console.log(`${String(count).padStart(8)}  ${what}`);
  for (const each of ['heapUsed', 'rss'] as const) {
    console.log(`${each} of the host: ${mib(before[each])} MiB before, ${mib(after[each])} MiB after`);
  }
  console.log(failure ?? 'Everything held.');
  return failure === undefined ? 0 : 1;
}

function mib(bytes: number): string {
  return (bytes / 1024 ** 2).toFixed(1);
}
