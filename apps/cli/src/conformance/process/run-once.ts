import { describeExit, PluginProcess, StartError, type StartOptions } from './plugin-process';

/** What a process printed and how it ended, or why there is nothing of it. */
export interface RunResult {
  readonly stdout: Buffer;
  readonly exitCode: number | null;
  readonly durationMs: number;
  /** In one line; absent if it ended by itself with status 0. */
  readonly problem?: string;
  readonly tooSlow: boolean;
  readonly tooLarge: boolean;
  /** What was still running after its end. */
  readonly leftovers: readonly number[];
}

export interface RunLimits {
  readonly timeoutMs: number;
  readonly maxBytes: number;
}

/** How long output may come after the end: a grandchild may hold it open. */
const LINGER_MS = 250;

/** Runs a file to its end, within bounds; nothing of it is left afterwards. */
export async function runOnce(options: Omit<StartOptions, 'onStdout'>, limits: RunLimits): Promise<RunResult> {
  const begin = Date.now();
  const chunks: Buffer[] = [];
  let size = 0;
  let overflow: () => void = () => undefined;
  const overflowed = new Promise<undefined>((resolve) => (overflow = () => resolve(undefined)));
  const onStdout = (chunk: Buffer): void => {
    size += chunk.length;
    if (size <= limits.maxBytes) chunks.push(chunk);
    else overflow();
  };
  const nothing = { stdout: Buffer.alloc(0), exitCode: null, tooSlow: false, tooLarge: false, leftovers: [] };
  let child: PluginProcess;
  try {
    child = await PluginProcess.start({ ...options, onStdout });
  } catch (error) {
    if (!(error instanceof StartError)) throw error;
    return { ...nothing, durationMs: Date.now() - begin, problem: error.message };
  }
  const exit = await Promise.race([child.exitWithin(limits.timeoutMs), overflowed]);
  const durationMs = Date.now() - begin;
  const leftovers = exit ? child.leftovers() : [];
  if (exit) await child.outputClosed(LINGER_MS);
  await child.end();
  const tooLarge = size > limits.maxBytes;
  const tooSlow = exit === undefined && !tooLarge;
  const result = {
    stdout: Buffer.concat(chunks),
    exitCode: exit?.code ?? null,
    durationMs,
    tooSlow,
    tooLarge,
    leftovers,
  };
  if (!exit || exit.code === 0) return result;
  const words = child.lastWords === '' ? '' : `: ${child.lastWords}`;
  return { ...result, problem: `it ${describeExit(exit)}${words}` };
}
