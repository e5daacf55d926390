import { randomUUID } from 'node:crypto';
import { MAX_METADATA_BYTES, parseMetadata, type MetadataResult } from '@toru/protocol';
import { runOnce } from './process/run-once';

/** Whether it is quick enough for a host is for the conformance kit: a machine that builds may be a busy one. */
const TIMEOUT_MS = 30_000;

/** What an executable prints for `--metadata`, asked from `/` as the host does it, or in one line why that is of no use. */
export async function metadataOf(file: string): Promise<MetadataResult> {
  const limits = { timeoutMs: TIMEOUT_MS, maxBytes: MAX_METADATA_BYTES };
  const run = await runOnce({ file, args: ['--metadata'], cwd: '/', env: {}, marker: randomUUID() }, limits);
  if (run.problem !== undefined) return { ok: false, reason: run.problem };
  if (run.tooSlow) return { ok: false, reason: `it still ran after ${String(limits.timeoutMs)} ms` };
  if (run.tooLarge) return { ok: false, reason: `it printed more than ${String(limits.maxBytes)} bytes` };
  return run.stdout.length === 0 ? { ok: false, reason: 'it printed nothing' } : parseMetadata(run.stdout);
}
