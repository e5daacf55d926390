import { MAX_METADATA_BYTES } from '@toru/protocol';
import { runOnce, type RunOptions } from '../common';
import { displayName } from './file-names';

/** How long `--metadata` may take, in milliseconds (protocol §1). */
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
  /** `reason` is safe to show. */
  | { readonly ok: false; readonly reason: string };

/** Runs `<file> --metadata` without a shell, bounded in time and output (META-1). Never throws. */
export async function readMetadata(
  executable: string,
  limits: Partial<MetadataLimits> = {},
): Promise<MetadataOutput> {
  // the root directory: nothing that lies around in a working directory can influence the answer
  const defaults = { timeoutMs: METADATA_TIMEOUT_MS, maxOutputBytes: MAX_METADATA_BYTES, cwd: '/' };
  const run = await runOnce(executable, ['--metadata'], { ...defaults, ...limits });
  if (run.kind !== 'exited') return refuse(`--metadata: ${run.message}`, run.stderrTail);
  if (run.signal !== null) return refuse(`--metadata was ended by ${run.signal}`, run.stderrTail);
  if (run.code !== 0) return refuse(`--metadata exited with status ${run.code}`, run.stderrTail);
  if (run.stdout.length === 0) return refuse('--metadata printed nothing', run.stderrTail);
  return { ok: true, output: run.stdout };
}

function refuse(reason: string, stderrTail: string): MetadataOutput {
  const lastLine = stderrTail.trim().split('\n').at(-1)?.trim() ?? '';
  const excerpt = displayName(lastLine.slice(-STDERR_EXCERPT));
  return { ok: false, reason: excerpt === '' ? reason : `${reason}; its last line on stderr: ${excerpt}` };
}
