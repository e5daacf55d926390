import { parseArgs } from 'node:util';
import { chooseSeed, runChaos } from './chaos-run';
import type { Footprint } from './host-footprint';

const MINUTE_MS = 60_000;

/** One run that is as long as one likes. Gives the exit status: 1 where something broke. */
export async function main(args: readonly string[]): Promise<number> {
  const options = { seed: { type: 'string' }, minutes: { type: 'string', default: '1' } } as const;
  const { values } = parseArgs({ args: [...args], options });
  const seed = chooseSeed(values.seed ?? process.env['TORU_CHAOS_SEED']);
  const forMs = Number(values.minutes) * MINUTE_MS;
  if (!Number.isInteger(seed) || !(forMs > 0)) throw new Error('Usage: --seed <whole number> --minutes <number>');
  console.log(`Seed ${seed}, ${values.minutes} minutes.`);
  const { failure, counts, before, during, after } = await runChaos({ seed, forMs });
  for (const [what, count] of [...counts].sort()) console.log(`${String(count).padStart(8)}  ${what}`);
  console.log('   after      heap       rss  descriptors  handles, timers  descriptors of the spawner');
  const row = (when: string, { heapUsed, rss, descriptors, resources }: Footprint, spawner: number | string): void => {
    const memory = [heapUsed, rss].map((bytes) => `${mib(bytes)} MiB`.padStart(10)).join('');
    console.log(
      `${when.padStart(8)}${memory}${pad(sum(descriptors), 13)}${pad(sum(resources), 17)}${pad(spawner, 28)}`,
    );
  };
  row('before', before, '');
  for (const { at, footprint, spawnerDescriptors } of during) {
    row(`${Math.round(at / 1000)} s`, footprint, spawnerDescriptors);
  }
  row('at rest', after, '');
  console.log(failure ?? 'Everything held.');
  return failure === undefined ? 0 : 1;
}

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((total, count) => total + count, 0);
}

function pad(value: number | string, width: number): string {
  return String(value).padStart(width);
}

function mib(bytes: number): string {
  return (bytes / 1024 ** 2).toFixed(1);
}
