/** Called for what goes over a connection: `→` from the host, `←` from the plugin, `·` what happened to it. */
export type Trace = (direction: '→' | '←' | '·', text: string) => void;

const MAX_CHARS = 400;

/** One frame or piece of one as a line of text; long ones are cut. */
export function describeBytes(json: Uint8Array, tail?: Uint8Array): string {
  const text = Buffer.from(json.buffer, json.byteOffset, Math.min(json.length, MAX_CHARS)).toString('utf8');
  const shown = text.replace(/\p{Cc}/gu, '.') + (json.length > MAX_CHARS ? `… (${json.length} bytes)` : '');
  return tail && tail.length > 0 ? `${shown} + tail of ${tail.length} bytes` : shown;
}
