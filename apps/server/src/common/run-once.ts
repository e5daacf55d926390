import type { Readable } from 'node:stream';
import { setImmediate as nextTurn, setTimeout as delay } from 'node:timers/promises';
import { errorMessage } from './error-code';
import { spawnProcess, type Exit, type SpawnedProcess, type SpawnOptions } from './processes';

/** What `runOnce` saw. */
export type RunOutcome =
  | (Exit & { readonly kind: 'exited'; readonly stdout: Buffer; readonly stderrTail: string })
  | { readonly kind: 'spawn_failed'; readonly message: string; readonly stderrTail: ''; readonly cause: unknown }
  | {
      readonly kind: 'timeout' | 'output_too_large' | 'aborted';
      readonly message: string;
      readonly stderrTail: string;
    };

export interface RunOptions {
  readonly cwd: string;
  readonly timeoutMs: number;
  readonly maxOutputBytes: number;
  readonly env?: Readonly<Record<string, string>>;
  /** Ends it before its time. */
  readonly signal?: AbortSignal;
  /** How it is spawned; `spawnProcess` unless given. */
  readonly spawn?: (options: SpawnOptions) => Promise<SpawnedProcess>;
}

/** How long output may still come after the leader has ended, before a grandchild that holds it is ended too. */
const LINGER_MS = 250;
/** How long what is left in the pipes is read after that; a descendant that left the group can hold them for ever. */
const LAST_READ_MS = 2_000;
const STDERR_TAIL_BYTES = 2048;

/**
 * Runs a file to its end and keeps what it printed. Bounded in time and output; the whole group is ended with SIGKILL
 * on a time-out, on an overflow, by the signal, and when the leader has ended while a grandchild holds its output (faults 4).
 */
export async function runOnce(file: string, args: readonly string[], options: RunOptions): Promise<RunOutcome> {
  let child: SpawnedProcess;
  try {
    const spawn = options.spawn ?? spawnProcess;
    child = await spawn({ file, args, cwd: options.cwd, ...(options.env && { env: options.env }) });
  } catch (error) {
    return { kind: 'spawn_failed', message: errorMessage(error), stderrTail: '', cause: error };
  }
  const output: Buffer[] = [];
  let size = 0;
  let stderr = Buffer.alloc(0);
  const overflow = new Promise<'overflow'>((resolve) => {
    child.stdout.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= options.maxOutputBytes) output.push(chunk);
      else resolve('overflow');
    });
  });
  child.stderr.on('data', (chunk: Buffer) => {
    stderr = Buffer.concat([stderr, chunk]).subarray(-STDERR_TAIL_BYTES);
  });
  const closed = Promise.all([closeOf(child.stdout), closeOf(child.stderr)]);
  const timer = new AbortController();
  const signal = options.signal === undefined ? timer.signal : AbortSignal.any([timer.signal, options.signal]);
  const timeout = delay(options.timeoutMs, undefined, { signal }).then(
    // a host that was kept from running hears of the end only now
    () => nextTurn('timeout' as const),
    () => 'aborted' as const,
  );

  const first = await Promise.race([child.exited, overflow, timeout]);
  const exited = typeof first === 'object';
  if (exited) await Promise.race([closed, wait(LINGER_MS, timer.signal)]);
  child.signalGroup('SIGKILL');
  await child.endLeftovers?.();
  // now the pipes have no writer but one that left the group: what is in them is read to its end, also by a host that is
  // so busy that it slept through the wait
  if (exited) await Promise.race([closed, wait(LAST_READ_MS, timer.signal)]);
  timer.abort();
  child.stdout.destroy();
  child.stderr.destroy();
  await child.exited;

  const stderrTail = stderr.toString('utf8').trim();
  if (first === 'timeout')
    return { kind: 'timeout', message: `it did not end within ${options.timeoutMs} ms`, stderrTail };
  if (first === 'aborted') return { kind: 'aborted', message: 'it was ended before it had answered', stderrTail };
  if (first === 'overflow' || size > options.maxOutputBytes) {
    return { kind: 'output_too_large', message: `it printed more than ${options.maxOutputBytes} bytes`, stderrTail };
  }
  return { kind: 'exited', ...first, stdout: Buffer.concat(output), stderrTail };
}

function wait(ms: number, signal: AbortSignal): Promise<void> {
  return delay(ms, undefined, { signal }).catch(() => undefined);
}

function closeOf(stream: Readable): Promise<void> {
  return new Promise((resolve) => {
    stream.once('close', resolve);
  });
}
