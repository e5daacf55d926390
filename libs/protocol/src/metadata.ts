import type { PluginMetadata } from '@toru/contracts';
import { parseJsonBytes } from './json';
import { MetadataReader } from './metadata-reader';
import { ProtocolError } from './protocol-error';
import type { ProtocolErrorReason } from './protocol-error';

/** What `--metadata` may print, in bytes (protocol §1). */
export const MAX_METADATA_BYTES = 64 * 1024;

export type MetadataResult =
  | { readonly ok: true; readonly metadata: PluginMetadata }
  /** One sentence or several, for people: each names its field and the rule. Nothing of the plugin's text is in it. */
  | { readonly ok: false; readonly reason: string };

/**
 * Reads what a plugin's `--metadata` printed (META-1). Never throws.
 *
 * Texts that are shown to people are refused, not cleaned, if they hold control characters (so ANSI sequences too) or
 * characters that turn the direction of text: a name must look the same wherever it is shown. `null` stands for an
 * absent optional field. Unknown fields are ignored.
 */
export function parseMetadata(bytes: Uint8Array): MetadataResult {
  if (bytes.length > MAX_METADATA_BYTES) return refuse(`The metadata is longer than ${MAX_METADATA_BYTES} bytes`);
  try {
    const reader = new MetadataReader(parseJsonBytes(bytes).value);
    const metadata = reader.read();
    return reader.problems.length === 0 ? { ok: true, metadata } : refuse(reader.problems.join('; '));
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    return refuse(explain(error, bytes));
  }
}

function refuse(reason: string): MetadataResult {
  return { ok: false, reason };
}

const EXPLANATIONS: ReadonlyMap<ProtocolErrorReason, string> = new Map([
  ['invalid_utf8', 'The metadata is not valid UTF-8'],
  ['byte_order_mark', 'The metadata begins with a byte order mark: print it without one'],
  ['not_an_object', 'The metadata must be one JSON object'],
  ['too_deep', 'The metadata is nested too deep'],
]);

/** What a plugin's author has to change, where the bytes are no JSON object. */
function explain(error: ProtocolError, bytes: Uint8Array): string {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8').trim();
  const known = EXPLANATIONS.get(error.reason);
  if (known !== undefined) return known;
  if (text === '') return 'The metadata is empty: --metadata must print one JSON object on stdout';
  if (text.startsWith('<')) return 'The metadata looks like HTML: --metadata must print one JSON object';
  if (!text.startsWith('{')) return 'The metadata does not begin with {: nothing but one JSON object may be printed';
  return 'The metadata is not one valid JSON object: nothing may come after it, and what is inside must be JSON';
}
