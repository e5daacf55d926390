import { existsSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import type { TestHost } from '../support/host';

type Counts = Readonly<Record<string, number>>;

/** What the host's process holds, after a full collection. */
export interface Footprint {
  /** In bytes. */
  readonly rss: number;
  readonly heapUsed: number;
  /** Buffers and the like, which are not in the heap. */
  readonly external: number;
  /** Open descriptors by what they lead to. */
  readonly descriptors: Counts;
  /** Handles, requests and timers that keep the process going, by kind. */
  readonly resources: Counts;
  /** Listeners of the process itself. */
  readonly listeners: Counts;
}

const PROBE = path.resolve(import.meta.dirname, 'probe.mjs');
/**
 * In bytes, by the end of a run: code that was compiled, caches and metrics that fill within the first half minute. It is
 * some 23 MiB of heap after 10 seconds as after 12 minutes, and 30 to 70 MiB of memory.
 */
const HEAP_SLACK = 40 * 1024 * 1024;
const RSS_SLACK = 112 * 1024 * 1024;
/** The same from the first minute of a long run on, when all that has to fill has filled. */
export const SETTLED_HEAP_SLACK = 10 * 1024 * 1024;

/** The environment of a host that can be asked. */
export function probeSettings(file: string): Readonly<Record<string, string>> {
  return { NODE_OPTIONS: `--import=${PROBE}`, TORU_CHAOS_PROBE: file };
}

export async function footprintOf(host: TestHost, file: string): Promise<Footprint> {
  rmSync(file, { force: true });
  process.kill(host.pid, 'SIGUSR2');
  await host.waitFor('the host to tell what it holds', () => existsSync(file));
  return JSON.parse(readFileSync(file, 'utf8')) as Footprint;
}

/** What is more than it was. Nothing else was going on at both times, so that all else must be the same. */
export function leaks(before: Footprint, after: Footprint): readonly string[] {
  const more = (what: string, was: number, is: number): readonly string[] =>
    is > was ? [`${what}: ${was} before, ${is} after`] : [];
  const counts = (['descriptors', 'resources', 'listeners'] as const).flatMap((each) =>
    Object.entries(after[each]).flatMap(([kind, is]) => {
      // the log of a plugin that has printed nothing is not open yet
      const least = kind.endsWith('.log') ? 1 : 0;
      return more(`${each}, ${kind}`, Math.max(least, before[each][kind] ?? 0), is);
    }),
  );
  return [
    ...counts,
    ...more('heap in bytes', before.heapUsed + HEAP_SLACK, after.heapUsed),
    ...more('memory in bytes', before.rss + RSS_SLACK, after.rss),
  ];
}
