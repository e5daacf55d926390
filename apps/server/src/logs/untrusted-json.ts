/** Deeper values are not taken over: `JSON.parse` survives depths at which `JSON.stringify` overflows the stack. */
const MAX_DEPTH = 16;

/** A sign that the value is too deep to be kept. */
class TooDeepError extends Error {}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * A fresh copy of an object's own fields as JSON values, or undefined when they are nested too deeply. Fields called
 * `__proto__` are left out at every level, so that no later copy can take one for a prototype.
 */
export function copyFields(record: Readonly<Record<string, unknown>>): ReadonlyMap<string, unknown> | undefined {
  try {
    const copy = new Map<string, unknown>();
    for (const [name, value] of Object.entries(record)) {
      if (name === '__proto__') continue;
      const field = copyDeep(value, 1);
      if (field !== undefined) copy.set(name, field);
    }
    return copy;
  } catch (error) {
    if (error instanceof TooDeepError) return undefined;
    throw error;
  }
}

/** A fresh copy of a value as JSON; undefined when it is nested too deeply or is nothing that JSON can say. */
export function copyValue(value: unknown): unknown {
  try {
    return copyDeep(value, 1);
  } catch (error) {
    if (error instanceof TooDeepError) return undefined;
    throw error;
  }
}

function copyDeep(value: unknown, depth: number): unknown {
  if (depth > MAX_DEPTH) throw new TooDeepError('nested too deeply');
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (typeof value === 'bigint') return String(value);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (value instanceof Error) return copyError(value, depth);
  if (Array.isArray(value)) return value.map((element) => copyDeep(element, depth + 1) ?? null);
  if (!isRecord(value)) return undefined;
  const copy: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(value)) {
    if (name === '__proto__') continue;
    const kept = copyDeep(field, depth + 1);
    if (kept !== undefined) copy[name] = kept;
  }
  return copy;
}

function copyError(error: Error, depth: number): Record<string, unknown> {
  const copy: Record<string, unknown> = { name: error.name, message: error.message };
  if ('code' in error && typeof error.code === 'string') copy.code = error.code;
  if (error.stack !== undefined) copy.stack = error.stack;
  if (error.cause !== undefined) copy.cause = copyDeep(error.cause, depth + 1);
  return copy;
}
