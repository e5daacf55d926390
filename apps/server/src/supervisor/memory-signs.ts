import type { ResourceSample } from '@toru/contracts';

/** What of a crash may tell of a lack of memory. */
export interface MemoryTrace {
  /** It was ended by SIGKILL, and the host had not sent it. */
  readonly killedByOthers: boolean;
  /** How many processes the kernel has ended for lack of memory in the host's cgroup since the last look. */
  readonly oomKills: number;
  /** The same in the plugin's own cgroup. */
  readonly ownOomKills: number;
  readonly samples: readonly ResourceSample[];
  /** The last lines of its log. */
  readonly lines: readonly string[];
}

/** Memory that is this close to its limit counts as used up: a sample is older than the end. */
const CLOSE = 0.9;
const LAST_LINES = 40;
/** What runtimes print when they cannot get memory: V8, Rust, Python, Go, the JVM, C++. */
const LAST_WORDS: readonly RegExp[] = [
  /JavaScript heap out of memory|allocation failed - process out of memory/i,
  /memory allocation of \d+ bytes failed/,
  /^MemoryError\b|\bMemoryError(?::|$)/,
  /fatal error: (?:runtime: )?(?:cannot allocate memory|out of memory)/,
  /java\.lang\.OutOfMemoryError/,
  /std::bad_alloc/,
];

/** Pure: what speaks for a lack of memory, one sentence each; empty where nothing does. */
export function memorySigns({ killedByOthers, oomKills, ownOomKills, samples, lines }: MemoryTrace): string[] {
  const signs: string[] = [];
  const words = lines.slice(-LAST_LINES).findLast((line) => LAST_WORDS.some((pattern) => pattern.test(line)));
  if (words !== undefined) signs.push(`It said so: ${words.slice(0, 200)}`);
  if (ownOomKills > 0) signs.push('The kernel has ended it for lack of memory (oom_kill in its cgroup).');
  if (!killedByOthers) return signs;
  if (oomKills > 0) signs.push('The kernel has ended a process of the host for lack of memory (oom_kill).');
  const last = samples.at(-1);
  if (last !== undefined && last.memory_limit_bytes !== null && last.memory_bytes >= CLOSE * last.memory_limit_bytes) {
    const percent = Math.round((100 * last.memory_bytes) / last.memory_limit_bytes);
    signs.push(`SIGKILL, which the host did not send, came while it used ${percent} % of the memory that it may use.`);
  }
  return signs;
}
