import { lastWords, MAX_METADATA_BYTES } from '@toru/protocol';
import { hostLack, hostLackIn, runOnce, type RunOptions } from '../common';
import { displayName } from './file-names';

/** How long `--metadata` may take, in milliseconds (protocol §1), unless whoever reads it says otherwise. */
const METADATA_TIMEOUT_MS = 5000;
/** How much of what a failing plugin wrote to stderr goes into the reason, in characters. */
const STDERR_EXCERPT = 200;

export interface MetadataLimits {
  readonly timeoutMs: number;
  readonly maxOutputBytes: number;
  /** Ends the run before its time. */
  readonly signal: AbortSignal;
  /** How the file is spawned. */
  readonly spawn: RunOptions['spawn'];
}

export type MetadataOutput =
  | { readonly ok: true; readonly output: Buffer }
  /** `reason` is safe to show. `timedOut`: it had to be ended, so trying it again has a price. */
  | { readonly ok: false; readonly reason: string; readonly timedOut?: true }
  /** It could not run, or run to its end, for want of something of the host's: that says nothing of the file. */
  | { readonly ok: false; readonly hostLacks: string };

/** Runs `<file> --metadata` without a shell, bounded in time and output (META-1). Never throws. */
export async function readMetadata(
  executable: string,
  limits: Partial<MetadataLimits> = {},
): Promise<MetadataOutput> {
  // the root directory: nothing that lies around in a working directory can influence the answer
  const defaults = { timeoutMs: METADATA_TIMEOUT_MS, maxOutputBytes: MAX_METADATA_BYTES, cwd: '/' };
  const run = await runOnce(executable, ['--metadata'], { ...defaults, ...limits });
  if (run.kind === 'exited' && run.code === 0 && run.stdout.length > 0) return { ok: true, output: run.stdout };
  const hostLacks = run.kind === 'spawn_failed' ? hostLack(run.cause) : lackWhileItRan(run.stderrTail);
  if (hostLacks !== undefined) return { ok: false, hostLacks };
  if (run.kind !== 'exited') {
    const refused = refuse(`--metadata: ${run.message}`, run.stderrTail);
    return run.kind === 'timeout' ? { ...refused, timedOut: true } : refused;
  }
  if (run.signal !== null) return refuse(`--metadata was ended by ${run.signal}`, run.stderrTail);
  if (run.code !== 0) return refuse(`--metadata exited with status ${run.code}`, run.stderrTail);
  return refuse('--metadata printed nothing', run.stderrTail);
}

/** It was started, and failed for want of something that it has from the machine. */
function lackWhileItRan(stderrTail: string): string | undefined {
  const lack = hostLackIn(stderrTail);
  return lack === undefined ? undefined : `its --metadata failed because ${lack}`;
}

function refuse(reason: string, stderrTail: string): { readonly ok: false; readonly reason: string } {
  const words = lastWords(stderrTail.split('\n')) ?? '';
  const excerpt = displayName(words.slice(-STDERR_EXCERPT));
  return { ok: false, reason: excerpt === '' ? reason : `${reason}; its last line on stderr: ${excerpt}` };
}
