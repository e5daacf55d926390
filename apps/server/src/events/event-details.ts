/** The longest details of one event, in bytes of JSON. */
export const MAX_DETAILS_BYTES = 16 * 1024;
/** Of details that are too long, the short ones are kept: at most this many bytes of JSON each. */
const MAX_KEPT_FIELD_BYTES = 512;

/**
 * The details of an event as JSON text, within the limit. Of details that are too long the short fields remain, beside
 * `truncated: true`; what JSON cannot say becomes `unserializable: true`.
 */
export function serializeDetails(details: Readonly<Record<string, unknown>>): string {
  const whole = toJson(details);
  if (whole === undefined) return '{"unserializable":true}';
  if (Buffer.byteLength(whole) <= MAX_DETAILS_BYTES) return whole;
  const kept = new Map<string, unknown>([['truncated', true]]);
  let bytes = 0;
  for (const [name, value] of Object.entries(details)) {
    const field = toJson({ [name]: value });
    const size = field === undefined ? 0 : Buffer.byteLength(field);
    if (size === 0 || size > MAX_KEPT_FIELD_BYTES || bytes + size > MAX_DETAILS_BYTES / 2) continue;
    bytes += size;
    kept.set(name, value);
  }
  return toJson(Object.fromEntries(kept)) ?? '{"truncated":true}';
}

/** The details of a stored event; a row that somebody damaged has none. */
export function parseDetails(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : {};
  } catch {
    return {};
  }
}

function toJson(value: unknown): string | undefined {
  try {
    return JSON.stringify(value, (_, field: unknown) => (field instanceof Error ? errorFields(field) : field));
  } catch {
    return undefined;
  }
}

function errorFields(error: Error): Record<string, unknown> {
  return { name: error.name, message: error.message };
}
